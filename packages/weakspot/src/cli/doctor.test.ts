/** The doctor as users start it, on this machine, on one that lacks things, and on one with a software GPU. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { providers } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder, writeTree } from '../data/testing/files.js';
import { VERSION } from '../version.js';
import type { Diagnosis } from './diagnosis.js';
import { describe as describeDiagnosis } from './doctor.js';
import { type CommandResult, startWeakspotWith, succeeded, weakspot } from './testing/command.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

function diagnosisOf({ out, err }: CommandResult): Diagnosis {
  // One object, and nothing of what the providers print.
  expect([out.length, err]).toEqual([1, []]);
  return JSON.parse(out[0] ?? '') as Diagnosis;
}

/** Environment in which a package cannot be loaded, as where its binaries are for another platform. */
function lacking(name: string): Record<string, string> {
  writeTree(folder, {
    [`no-${name}-hooks.mjs`]: `export async function resolve(specifier, context, next) {
      if (specifier === ${JSON.stringify(name)}) throw new Error('no binary for this platform');
      return next(specifier, context);
    }`,
    [`no-${name}.mjs`]: `import { register } from 'node:module'; register('./no-${name}-hooks.mjs', import.meta.url);`,
  });
  return { NODE_OPTIONS: `--import ${pathToFileURL(join(folder, `no-${name}.mjs`)).href}` };
}

describe('weakspot doctor', () => {
  it('tells as one JSON object what there is, and makes nothing', async () => {
    const home = join(folder, 'caches');
    writeTree(home, { 'weakspot/images/ab/abc': '12345', 'weakspot/hashes/cd/cde': '123' });
    const result = await startWeakspotWith({ XDG_CACHE_HOME: home }, 'doctor', '--json').ended;
    expect(result.code).toBe(0);
    const found = diagnosisOf(result);
    expect(found).toMatchObject({
      ok: true,
      weakspot: VERSION,
      node: { version: process.versions.node, needed: '>=20.19', supported: true },
      platform: process.platform,
      architecture: process.arch,
      onnxruntime: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      images: { sixteenBits: true, problem: null },
      cache: { folder: join(home, 'weakspot'), writable: true, files: 2, bytes: 8, problem: null },
    });
    expect(found.providers.map(({ provider }) => provider)).toEqual(providers);
    expect(found.providers[0]).toEqual({
      provider: 'cpu',
      available: true,
      check: { error: 0, speed: 1 },
      correct: true,
    });
    for (const { available, reason, correct } of found.providers) {
      expect([available, typeof reason, typeof correct]).toEqual(
        available ? [true, 'undefined', 'boolean'] : [false, 'string', 'undefined'],
      );
    }
    expect(found.images.formats).toEqual(expect.arrayContaining(['jpg', 'pgm', 'png', 'tif']));
    expect(found.cores).toBeGreaterThan(0);
    expect(found.memory).toBeGreaterThan(2 ** 27);
    expect(readdirSync(join(home, 'weakspot')).toSorted()).toEqual(['hashes', 'images']);
  });

  it('tells the same to a person, with what to do about each device that cannot be used', async () => {
    const { code, out, err } = await startWeakspotWith({ XDG_CACHE_HOME: join(folder, 'none') }, 'doctor').ended;
    expect([code, err]).toEqual([0, []]);
    const text = out.join('\n');
    expect(text).toContain(`Weakspot      ${VERSION}`);
    expect(text).toContain(`${join(folder, 'none', 'weakspot')}: empty, can be written`);
    expect(text).toMatch(/^cpu +yes +0 +1\.0$/m);
    for (const [, provider] of text.matchAll(/^(\w+) +no +- +- +\S.*$/gm)) expect(text).toMatch(`\n${provider}: `);
    // No platform has both.
    expect(text).toMatch(/^(?:dml|coreml) +no /m);
    expect(out.at(-1)).toBe('Training can run.');
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  it('tells of a cache that cannot be written', async () => {
    writeTree(folder, { 'a-file': '' });
    const result = await startWeakspotWith({ XDG_CACHE_HOME: join(folder, 'a-file') }, 'doctor', '--json').ended;
    const { cache } = diagnosisOf(result);
    expect(cache).toMatchObject({ writable: false, files: 0, problem: expect.stringContaining('a-file') });
    // It can be done without.
    expect(result.code).toBe(0);
  });

  it.each([
    ['onnxruntime-node', (found: Diagnosis) => found.providers[0]?.reason],
    ['sharp', (found: Diagnosis) => found.images.problem],
  ] as const)('works where %s cannot be loaded: says so, and that training cannot run', async (name, problemOf) => {
    const result = await startWeakspotWith(lacking(name), 'doctor', '--json').ended;
    expect(result.code).toBe(1);
    const found = diagnosisOf(result);
    expect([found.ok, problemOf(found)]).toEqual([false, expect.stringContaining('no binary for this platform')]);
    const text = describeDiagnosis(found);
    // What to do, once.
    if (name === 'onnxruntime-node') expect(text.match(/npm ci/g)).toHaveLength(1);
    expect(text).toContain('no binary for this platform');
    expect(text).toMatch(/\nTraining cannot run: see above\.$/);
    const films = join(folder, `films-without-${name}`);
    succeeded(await weakspot('phantom', films, '--count', '24', '--size', '64'));
    const other = await startWeakspotWith(lacking(name), 'train', films, '--out', join(folder, 'run')).ended;
    // What reads images is needed by every verb; the engine only by those that compute.
    const said =
      name === 'sharp'
        ? [
            'error: Weakspot cannot start: no binary for this platform',
            'hint: "weakspot doctor" shows what is missing; "npm ci" reinstalls everything.',
          ]
        : [
            'error: onnxruntime-node cannot be loaded: no binary for this platform',
            'hint: "weakspot doctor" shows what is missing; "npm ci" reinstalls everything.',
          ];
    expect([other.code, other.err.slice(-2)]).toEqual([1, said]);
  });

  it('refuses what it does not know, also where nothing else works', async () => {
    expect((await weakspot('doctor', 'me')).code).toBe(2);
    expect((await startWeakspotWith(lacking('sharp'), 'doctor', '--jsn').ended).code).toBe(2);
  });

  // Debian's package chromium has it.
  const software = '/usr/lib/chromium/vk_swiftshader_icd.json';
  it.skipIf(!existsSync(software))(
    'finds WebGPU on a software adapter correct, and slow, for which auto leaves it (needs SwiftShader)',
    async () => {
      const result = await startWeakspotWith({ VK_ICD_FILENAMES: software }, 'doctor', '--json').ended;
      const webgpu = diagnosisOf(result).providers.find(({ provider }) => provider === 'webgpu');
      expect(webgpu).toMatchObject({ available: true, correct: true });
      // Some hundred times slower.
      expect(webgpu?.check?.speed).toBeLessThan(1);
    },
  );
});
