// @ts-check
/**
 * Writes docs/reference/dicom.md: how DICOM pixels are read, and for each transfer syntax how many files of a
 * collection decode to the array that a reference decoder gives. Needs what `tsc -b` built.
 *
 *     node scripts/dicom-table.mjs <folder>
 *
 * The folder holds the files and an `index.csv` with the columns `file`, `ts` (UID of the transfer syntax), `decode` and
 * `px_sha256_16`, the first 16 hexadecimal digits of the array's SHA-256, empty where the reference decoder failed.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { TRANSFER_SYNTAXES } from '../packages/weakspot/dist/dicom/transfer-syntax.js';
import { describeStored } from '../packages/weakspot/dist/index.js';
import { dicomPage } from './reference-pages/dicom.mjs';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node scripts/dicom-table.mjs <folder with index.csv>');
  process.exit(2);
}

const [header = '', ...lines] = (await readFile(join(folder, 'index.csv'), 'utf8')).trim().split(/\r?\n/);
const columns = header.split(',');
const at = (/** @type {string} */ name) => columns.indexOf(name);
/** @type {Map<string, import('./reference-pages/dicom.mjs').Outcome>} */
const outcomes = new Map();
for (const line of lines) {
  // Of the columns that are read none before `decode` is quoted, and `px_sha256_16` is the last.
  const fields = line.split(',');
  const [file = '', uid = ''] = [fields[at('file')], fields[at('ts')]];
  const expected = fields.at(-1) ?? '';
  const outcome = outcomes.get(uid) ?? { files: 0, same: 0, other: [] };
  outcomes.set(uid, outcome);
  outcome.files++;
  const found = await describeStored(await readFile(join(folder, file)), '').then(
    ({ sha256 }) => sha256.slice(0, 16),
    (/** @type {Error} */ error) => error,
  );
  if (typeof found === 'string' && found === expected) outcome.same++;
  else if (typeof found === 'string') outcome.other.push(expected === '' ? 'read here only' : 'another array');
  else outcome.other.push((expected === '' ? '' : 'here only: ') + found.message.replace(/^: /, ''));
}

const page = new URL('../docs/reference/dicom.md', import.meta.url);
const settings = await resolveConfig(page.pathname);
const text = dicomPage([...TRANSFER_SYNTAXES.values()], outcomes);
await writeFile(page, await format(text, { ...settings, parser: 'markdown' }));
console.log('wrote docs/reference/dicom.md');
