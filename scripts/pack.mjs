// What the tarball of `weakspot` holds beside its own files: npm runs this before `npm pack` and `npm publish` of that package,
// and with `--remove` after them.
//
// - `docs/`: the pages that hints name.
// - `node_modules/onnxruntime-node` (bundleDependencies): the package as published, less its scripts and what only they use. Its
//   install script fetches CUDA libraries from outside the npm registry on every Linux machine, and where that cannot be
//   reached npm installs nothing at all. The binaries of all platforms lie in the package itself: it works without.
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const weakspot = join(root, 'packages/weakspot');
const docs = join(weakspot, 'docs');
const runtime = join(weakspot, 'node_modules/onnxruntime-node');

for (const copy of [docs, runtime]) await rm(copy, { recursive: true, force: true });
if (!process.argv.includes('--remove')) {
  await cp(join(root, 'docs'), docs, { recursive: true });
  await copyRuntime();
}

async function copyRuntime() {
  const manifest = createRequire(join(weakspot, 'package.json')).resolve('onnxruntime-node/package.json');
  const {
    scripts: _scripts,
    devDependencies: _tools,
    dependencies,
    ...kept
  } = JSON.parse(await readFile(manifest, 'utf8'));
  const source = dirname(manifest);
  await cp(source, runtime, { recursive: true, filter: (path) => path !== join(source, 'script') });
  const own = { ...kept, dependencies: { 'onnxruntime-common': dependencies['onnxruntime-common'] } };
  await writeFile(join(runtime, 'package.json'), `${JSON.stringify(own, undefined, 2)}\n`);
}
