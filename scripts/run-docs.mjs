// Runs every command of the README, the examples and every page of docs as it is written there: each page in a folder of its
// own, from its first command to its last. Names pages on the command line to run only those. Ends with how many passed.
import { spawnSync } from 'node:child_process';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { commandsOf } from './docs-commands/commands.mjs';
import { elsewhere, environment, shortened } from './docs-commands/elsewhere.mjs';
import { createWorld, makeRoom, placeFor } from './docs-commands/world.mjs';

const root = join(import.meta.dirname, '..');
const limit = 10 * 60_000;
/** Pages that begin from nothing. */
const fromNothing = ['docs/getting-started.md', 'README.md', 'packages/weakspot/README.md'];
/** Commands that have passed, by the kind of place: one that several pages share is run on the first of them. */
const passed = { nothing: new Set(), world: new Set() };

const asked = process.argv.slice(2);
const every = await everyPage();
const pages = asked.length === 0 ? every : asked.filter((page) => every.includes(page));
const world = await createWorld();
const counts = { passed: 0, failed: 0 };
try {
  for (const page of pages) await runPage(page);
} finally {
  await rm(world, { recursive: true, force: true });
}
console.log(`${counts.passed} commands passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

async function everyPage() {
  const docs = await readdir(join(root, 'docs'), { recursive: true });
  const found = docs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name.replaceAll('\\', '/')}`);
  const others = ['CONTRIBUTING.md', 'examples/README.md', ...found.toSorted()];
  return [...others.filter((page) => !fromNothing.includes(page)), ...fromNothing];
}

/** @param {string} page */
async function runPage(page) {
  const commands = commandsOf(await readFile(join(root, page), 'utf8'));
  if (commands.length === 0) return;
  const place = await placeFor(fromNothing.includes(page) ? undefined : world);
  for (const { line, text, yaml } of commands) {
    const where = `${page}:${line}: ${text}`;
    const before = passed[fromNothing.includes(page) ? 'nothing' : 'world'];
    const plain = text.replace(/^npx /, '').replaceAll(/\/(?= |$)/g, '');
    const reason = before.has(plain) ? 'it passed on an earlier page' : elsewhere(text);
    if (reason !== undefined) {
      console.log(`not run  ${where} (${reason})`);
      continue;
    }
    for (const [name, content] of yaml) await writeFile(join(place, name), content);
    await makeRoom(place, text);
    const started = Date.now();
    const { status, stdout, stderr } = spawnSync(shortened(page, text), {
      cwd: place,
      shell: true,
      encoding: 'utf8',
      timeout: limit,
      maxBuffer: 1 << 28,
      env: {
        ...process.env,
        ...environment,
        PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`,
        XDG_CACHE_HOME: join(place, '.cache'),
      },
    });
    counts[status === 0 ? 'passed' : 'failed'] += 1;
    if (status === 0) before.add(plain);
    console.log(`${status === 0 ? 'passed ' : 'FAILED '} ${where} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    if (status !== 0) console.log(`exit code ${status}\n${stdout.slice(-2000)}\n${stderr.slice(-4000)}`);
  }
  await rm(place, { recursive: true, force: true });
}
