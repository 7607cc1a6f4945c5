import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, productImports } from './testing/imports.js';

// Tests run from dist/.
const core = join(import.meta.dirname, '../src');
const weakspot = join(import.meta.dirname, '../../weakspot/src');

/** Per folder the sibling folders it may import, and per package the root files that all of them may. */
interface Layers {
  readonly folders: Readonly<Record<string, readonly string[]>>;
  readonly shared: readonly string[];
}

const coreLayers: Layers = {
  folders: {
    graph: [],
    network: ['graph'],
    stl: ['graph', 'network'],
    imaging: [],
    preprocess: ['imaging'],
    metrics: ['imaging'],
    session: ['graph'],
    tensorboard: [],
  },
  shared: ['errors', 'random'],
};

const weakspotLayers: Layers = {
  folders: {
    dicom: [],
    data: ['dicom'],
    device: [],
    run: ['data'],
    propose: ['data', 'run'],
    train: ['data', 'device', 'run'],
    evaluate: ['data', 'device', 'run'],
    report: [],
    compare: ['data', 'run', 'train', 'evaluate', 'report'],
    suite: ['data', 'run', 'report', 'compare'],
    inspect: ['data', 'dicom', 'run', 'propose', 'report'],
    review: ['data', 'run', 'train', 'evaluate', 'report'],
    serve: ['data', 'device', 'dicom', 'run', 'train', 'evaluate', 'report'],
    cli: [
      'data',
      'device',
      'dicom',
      'run',
      'propose',
      'train',
      'evaluate',
      'report',
      'inspect',
      'compare',
      'suite',
      'review',
      'serve',
    ],
  },
  shared: ['version', 'documentation'],
};

/** `file imports target` for every relative import that leaves its folder for one it may not know. */
function violations(sources: string, { folders, shared }: Layers): string[] {
  return productImports(sources).flatMap(({ file, specifier }) => {
    const [folder, ...rest] = file.split('/');
    // Files of the root: the entry knows every folder, the shared ones know each other only.
    if (folder === undefined || !specifier.startsWith('.') || file === 'index.ts') return [];
    const target = posix.join(posix.dirname(file), specifier).replace(/\.(js|ts|json)$/, '');
    const [targetFolder = ''] = target.split('/');
    const allowed =
      rest.length === 0
        ? shared.includes(target)
        : target.includes('/')
          ? targetFolder === folder || (folders[folder]?.includes(targetFolder) ?? false)
          : shared.includes(target);
    return allowed ? [] : [`${file} imports ${specifier}`];
  });
}

describe('imports', () => {
  it('are found in every form', () => {
    const source = [
      "import a from 'one';",
      "import type { B } from 'two';",
      "import 'three';",
      'import {',
      '  c,',
      "} from 'four';",
      "export * from 'five';",
      "export { d } from 'six';",
      "export const e = () => import('seven');",
      "const text = 'eight';",
      "// import f from 'nine';",
      " * import g from 'ten';",
    ].join('\n');
    expect(importsOf(source).toSorted()).toEqual(['five', 'four', 'one', 'seven', 'six', 'three', 'two']);
  });

  it('of core are its own files and four packages, none of Node or the DOM', () => {
    const imports = productImports(core);
    const packages = new Set(
      imports.map(({ specifier }) => specifier).filter((specifier) => !specifier.startsWith('.')),
    );
    const roots = new Set(
      [...packages].map((specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')),
    );
    // An allowed package that nothing imports is a dependency to remove.
    expect(roots).toEqual(new Set(['@bufbuild/protobuf', 'd3-scale-chromatic', 'onnxruntime-common', 'pure-rand']));
    for (const { file, specifier } of imports.filter((entry) => entry.specifier.startsWith('.'))) {
      expect(
        existsSync(join(core, posix.dirname(file), specifier.replace(/\.js$/, '.ts'))),
        `${file}: ${specifier}`,
      ).toBe(true);
    }
  });

  it('of weakspot name core by its package name', () => {
    const imports = productImports(weakspot).filter(({ specifier }) => specifier.includes('core'));
    expect(imports).not.toEqual([]);
    for (const { specifier } of imports) expect(specifier).toMatch(/^@weakspot\/core(\/graph)?$/);
  });
});

describe('layers', () => {
  it('every folder of core imports only what stands above it', () => {
    expect(violations(core, coreLayers)).toEqual([]);
  });

  it('every folder of weakspot imports only what stands above it', () => {
    expect(violations(weakspot, weakspotLayers)).toEqual([]);
  });

  it('a rule that allowed less would be broken: the check sees the imports there are', () => {
    const closed = { ...coreLayers, folders: { ...coreLayers.folders, network: [] } };
    expect(violations(core, closed)).toContain('network/layers.ts imports ../graph/index.js');
    const alone = violations(core, { ...coreLayers, shared: [] });
    expect(alone).toContain('random.ts imports ./errors.js');
    expect(alone).toContain('network/initialise.ts imports ../random.js');
  });
});
