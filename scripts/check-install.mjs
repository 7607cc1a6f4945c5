// Installs the packages as a user would who has nothing but npm and its registry: packs both, installs the tarballs in an
// empty folder with npm's own settings, compiles a strict TypeScript program against them, and runs it and the command line.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnvironment } from './clean-environment.mjs';

const root = join(import.meta.dirname, '..');
const folder = await mkdtemp(join(tmpdir(), 'weakspot-install-'));
const tarballs = join(folder, 'tarballs');
const app = join(folder, 'app');
const env = cleanEnvironment(process.env);

const program = `
import { findImages, localizeImages, openModel, resolveConfig, train } from 'weakspot';
import { responsePoint } from '@weakspot/core';
import { createGraph } from '@weakspot/core/graph';

const config = resolveConfig(
  { data: { path: 'films' }, network: { name: 'small' }, preprocessing: { width: 64, height: 64 }, epochs: 1, batch: 8 },
  { threads: 1, source: 'the program' },
);
for await (const event of train({ run: 'runs/mine', config, cache: undefined, resume: false, force: false })) {
  if (event.type === 'epoch') console.log(event.record.epoch);
}
const model = await openModel('runs/mine');
for await (const event of localizeImages(model, await findImages(['films/images']))) {
  if (event.type === 'image') console.log(event.localization.file, event.localization.response.x);
}
await model.release();
console.log(typeof responsePoint, typeof createGraph);
`;
const settings = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    module: 'nodenext',
    target: 'es2023',
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  },
  files: ['program.ts'],
};

try {
  for (const made of [tarballs, app]) await mkdir(made);
  run(
    root,
    'npm',
    'pack',
    '--silent',
    '-w',
    'packages/core',
    '-w',
    'packages/weakspot',
    '--pack-destination',
    tarballs,
  );
  await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
  const packed = (await readdir(tarballs)).map((name) => join(tarballs, name));
  run(app, 'npm', 'install', '--no-audit', '--no-fund', ...packed);
  run(app, 'npx', '--no-install', 'weakspot', 'phantom', 'films', '--count', '24');
  await writeFile(join(app, 'program.ts'), program);
  await writeFile(join(app, 'tsconfig.json'), JSON.stringify(settings));
  run(app, process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-p', '.');
  run(app, process.execPath, 'program.js');
  run(app, 'npx', '--no-install', 'weakspot', 'evaluate', 'runs/mine');
  console.log('The tarballs install, compile and run.');
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** @param {string} directory @param {string} command @param {...string} parameters */
function run(directory, command, ...parameters) {
  console.log(`$ ${[command, ...parameters].join(' ')}`);
  execFileSync(command, parameters, {
    cwd: directory,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
}
