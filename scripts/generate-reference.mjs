// @ts-check
/**
 * Writes the generated pages of docs/reference from what `tsc -b` built: configuration.md from the schema of run
 * configurations, suite.md from that of suites, cli.md from the command line, ops.md from the engine's op table.
 *
 *     node scripts/generate-reference.mjs [--check]
 *
 * With --check nothing is written: a page that is out of date is named, and the exit code is 1.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { commandLinePage } from './reference-pages/command-line.mjs';
import { configurationPage } from './reference-pages/configuration.mjs';
import { opsPage } from './reference-pages/ops.mjs';
import { suitePage } from './reference-pages/suite.mjs';

const folder = new URL('../docs/reference/', import.meta.url);
const pages = {
  'configuration.md': configurationPage,
  'cli.md': commandLinePage,
  'ops.md': opsPage,
  'suite.md': suitePage,
};

const check = process.argv.includes('--check');
let outdated = 0;
for (const [name, page] of Object.entries(pages)) {
  const file = new URL(name, folder);
  const settings = await resolveConfig(file.pathname);
  const text = await format(page(), { ...settings, parser: 'markdown' });
  const present = await readFile(file, 'utf8').catch(() => undefined);
  if (present === text) continue;
  if (check) {
    outdated++;
    console.error(`docs/reference/${name} is out of date: run "npm run docs"`);
  } else {
    await writeFile(file, text);
    console.log(`wrote docs/reference/${name}`);
  }
}
process.exitCode = outdated > 0 ? 1 : 0;
