import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ComparisonSettings } from '../compare/index.js';
import { failureOf, temporaryFolder, writeTree } from '../data/testing/files.js';
import { filmMeasures } from '../propose/testing/measures.js';
import type { Suite } from '../suite/index.js';
import { makeSuite } from './suite-request.js';
import { succeeded, weakspot } from './testing/command.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const file = join(folder, 'suite.yaml');
const out = join(folder, 'suite');
const yaml = `
sets:
  films:
    phantoms: { count: 24, size: 64, seed: 3 }
  few:
    path: small
    split: { folds: 2 }
settings:
  AvePool:
  wide: { method: AvePool, network: { classifier: [4] } }
split: { train: 0.75, validation: 0, test: 0.25 }
seeds: [5, 6]
config: { threads: 1, network: { name: small, classifier: [8] }, preprocessing: { width: 64, height: 64 }, batch: 8 }
resamples: 50
`;

describe('weakspot compare --suite', () => {
  it('compares on all sets, and prints a table for each and over all', async () => {
    writeTree(folder, { 'suite.yaml': yaml });
    succeeded(await weakspot('phantom', join(folder, 'sets', 'small'), '--count', '32', '--size', '64'));
    const command = [
      'compare',
      '--suite',
      file,
      '--data',
      join(folder, 'sets'),
      '--out',
      out,
      '--epochs',
      '1',
      '--no-cache',
    ];
    const { code, out: lines, err } = await weakspot(...command);
    expect([code, err.join('\n')]).toEqual([0, expect.stringContaining('set 2 of 2: few')]);
    expect(err).toContain('8 runs in all');
    const text = lines.join('\n').split('\n');
    expect(text[0]).toMatch(/^films: 6 images of \d patients, \d positive, \d of them located$/);
    expect(text.filter((line) => line.startsWith('few: '))).toEqual([expect.stringMatching(/^few: 32 images/)]);
    expect(text.filter((line) => line.includes('In the region itself'))).toHaveLength(3);
    expect(text).toContainEqual(expect.stringMatching(/^Setting +AUC +Hit +Gain +Worst run +† on +Gain - AvePool/));
    expect(Math.max(...text.map((line) => line.length))).toBeLessThanOrEqual(120);
    const suite = JSON.parse(readFileSync(join(out, 'suite.json'), 'utf8')) as Suite;
    // In folds there is one seed: the first.
    expect(suite.tests.map(({ title, rows }) => [title, rows[0]?.auc?.values.length])).toEqual([
      ['films', 2],
      ['few', 2],
    ]);

    const again = await weakspot(...command, '--json');
    const events = again.out.map(
      (line) => JSON.parse(line) as { type: string; suite?: unknown; event?: { type: string } },
    );
    expect(events.at(-1)).toMatchObject({ type: 'done', suite });
    expect(events.flatMap(({ event }) => event?.type ?? [])).not.toContain('train');
  });

  it('fails where a set fails, with the others done', async () => {
    const bad = join(folder, 'bad.yaml');
    // Its first step leaves nothing finite.
    const content = yaml.replace(
      'path: small',
      'path: sets/small\n    config: { optimizer: { learningRate: 1e30, clipNorm: null } }',
    );
    writeTree(folder, { 'bad.yaml': content });
    const command = ['compare', '--suite', bad, '--out', join(folder, 'failed'), '--seeds', '5', '--epochs', '2'];
    const { code, out: lines, err } = await weakspot(...command, '--no-cache');
    expect([code, err.join('\n')]).toEqual([1, expect.stringContaining('few failed')]);
    expect(err.join('\n')).toContain('warning: few: failed: ');
    expect(lines.join('\n')).toMatch(/^films: 6 images/);
  });

  it('is told by the file alone which data and settings there are', async () => {
    const flags = { cache: undefined, out };
    const messageOf = async (changes: object, data?: string): Promise<string> => {
      const error = await failureOf(() => makeSuite(file, data, { ...flags, ...changes }));
      expect(error.code).toBe('usage');
      return error.message;
    };
    expect(await messageOf({}, 'films')).toBe('films cannot be given with --suite.');
    expect(await messageOf({ methods: ['AvePool'] })).toContain('--methods cannot be given');
    expect(await messageOf({ split: { train: 1, validation: 0, test: 0 } })).toContain('--split cannot be given');
    expect(await messageOf({ strict: true })).toContain('--strict cannot be given');
    expect(await messageOf({ out: undefined })).toContain('--out FOLDER');
    const missing = await failureOf(() => makeSuite(join(folder, 'none.yaml'), undefined, flags));
    expect([missing.code, missing.message]).toEqual(['config', expect.stringContaining('Cannot read the suite')]);
  });

  it('has what is left open chosen to suit each set, for each setting', async () => {
    const told: unknown[] = [];
    const request = await makeSuite(
      file,
      undefined,
      { cache: undefined, out: join(folder, 'fresh'), seeds: [1], epochs: 3 },
      {
        look: () => Promise.resolve(filmMeasures),
        tell: (set, chosen) => told.push([set, chosen.map(({ setting }) => setting)]),
      },
    );
    const settings: (ComparisonSettings | undefined)[] = [];
    for (const set of request.sets) settings.push(await request.settle?.(set, join(folder, 'fresh', set.name)));
    expect(told).toEqual([
      ['films', ['AvePool', 'wide']],
      ['few', ['AvePool', 'wide']],
    ]);
    // What the file and the command line say stays.
    for (const { methods } of settings.filter((one) => one !== undefined)) {
      expect(methods.map(({ config: { epochs, batch, network } }) => [epochs, batch, network.classifier])).toEqual([
        [3, 8, [8]],
        [3, 8, [4]],
      ]);
    }
    expect(settings[0]?.methods[0]?.config.optimizer.learningRate).not.toBe(
      request.sets[0]?.settings.methods[0]?.config.optimizer.learningRate,
    );
  });
});
