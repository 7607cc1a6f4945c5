import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../data/testing/files.js';
import { type ResolveSuiteOptions, resolveSuite } from './settings.js';

const options: ResolveSuiteOptions = { source: 's.yaml', threads: 1, folder: '/suites', out: '/out' };
const sets = { films: { path: 'films' } };
const settings = { AvePool: null };
const of = (content: object, changes: Partial<ResolveSuiteOptions> = {}) =>
  resolveSuite({ sets, settings, ...content }, { ...options, ...changes });
const refusal = async (content: object, changes: Partial<ResolveSuiteOptions> = {}): Promise<string> => {
  const error = await failureOf(() => of(content, changes));
  expect(error.code).toBe('config');
  return error.message;
};

describe('resolveSuite', () => {
  it('makes of every set a comparison of all settings', () => {
    const found = of({
      sets: { a: { path: 'a' }, b: { path: '/b', seeds: [7] } },
      settings: { AvePool: null, LSE: {} },
    });
    expect(found.map(({ name, settings: { seeds, tests, folds } }) => [name, seeds, tests, folds])).toEqual([
      ['a', [0, 1, 2], [], null],
      ['b', [7], [], null],
    ]);
    const named = found.map((set) => set.settings.methods.map(({ name, config }) => [name, config.method]));
    const both = [
      ['AvePool', 'AvePool'],
      ['LSE', 'LSE'],
    ];
    expect(named).toEqual([both, both]);
    expect(found.map(({ settings: { methods } }) => methods[0]?.config.data.path)).toEqual(['/suites/a', '/b']);
  });

  it('lays the suite over a preset, a setting over the suite, the set over the setting, and the command line over all', () => {
    const content = {
      sets: { a: { path: 'a' }, b: { path: 'b', config: { epochs: 4, optimizer: { momentum: 0.3 }, threads: 3 } } },
      settings: {
        plain: { method: 'STL+LSE' },
        small: { preset: 'small', batch: 9, optimizer: { momentum: 0.5 } },
      },
      config: { batch: 5, epochs: 7, optimizer: { weightDecay: 0.25 } },
    };
    const told = (changes: Partial<ResolveSuiteOptions>) =>
      of(content, changes).map(({ settings: { methods } }) =>
        methods.map(({ config: { network, batch, epochs, optimizer, threads } }) => {
          return [network.name, batch, epochs, optimizer.momentum, optimizer.weightDecay, threads];
        }),
      );
    expect(told({})).toEqual([
      [
        ['field', 5, 7, 0.9, 0.25, 1],
        ['small', 9, 7, 0.5, 0.25, 1],
      ],
      [
        ['field', 5, 4, 0.3, 0.25, 3],
        ['small', 9, 4, 0.3, 0.25, 3],
      ],
    ]);
    expect(
      told({ changes: { epochs: 2, threads: 2 } })
        .flat()
        .map((row) => [row[2], row[5]]),
    ).toEqual(Array.from({ length: 4 }, () => [2, 2]));
  });

  it('finds data, test sets and files relative to the suite', () => {
    const [set] = of({
      sets: {
        a: {
          path: 'x/a.csv',
          images: 'x',
          boxes: '/y/b.csv',
          tests: ['t', { path: 'u', name: 'U', boxes: 'u.csv' }],
          split: { file: 'folds.csv', folds: 3 },
          config: { init: 'first' },
        },
      },
    });
    const config = set?.settings.methods[0]?.config;
    expect(config?.data).toMatchObject({ path: '/suites/x/a.csv', images: '/suites/x', boxes: '/y/b.csv' });
    expect(config?.data.split).toMatchObject({ file: resolve('/suites/folds.csv') });
    expect(config?.init).toBe('/suites/first');
    expect(set?.settings.tests).toEqual([
      { path: '/suites/t' },
      { path: '/suites/u', name: 'U', boxes: '/suites/u.csv' },
    ]);
    expect([set?.settings.folds, set?.settings.seeds]).toEqual([3, [0]]);
  });

  it('has a set divided in its own way, or in the suite’s', () => {
    const split = { train: 0.75, validation: 0, test: 0.25, seed: 4 };
    const found = of({
      sets: {
        a: { path: 'a' },
        b: { path: 'b', split: { train: 0.5, test: 0.5 } },
        c: { path: 'c', split: { folds: 4 } },
      },
      split,
    });
    expect(found.map(({ settings: { methods, folds } }) => [methods[0]?.config.data.split, folds])).toEqual([
      [split, null],
      [{ ...split, train: 0.5, test: 0.5 }, null],
      [{ folds: 4, fold: 0, validation: 0.1 }, 4],
    ]);
  });

  it('has phantoms made in its own folder', () => {
    const [set] = of({ sets: { p: { phantoms: { count: 12, positives: 0.25 } } } });
    expect(set?.phantoms).toEqual({ count: 12, seed: 0, size: 256, positiveFraction: 0.25, bits: 8 });
    expect(set?.settings.methods[0]?.config.data).toMatchObject({
      path: join('/out', 'data', 'p'),
      positive: 'lesion',
    });
  });

  it('refuses what is unknown or unfair, all of it, and says where', async () => {
    expect(await refusal({ seed: [1] })).toContain('unknown key "seed" (did you mean "seeds"?)');
    expect(await refusal({ sets: { a: { pth: 'x' } } })).toContain('unknown key "sets.a.pth" (did you mean "path"?)');
    for (const set of [{}, { path: 'x', phantoms: { count: 3 } }])
      expect(await refusal({ sets: { a: set } })).toContain('sets.a: give either "path" or "phantoms"');
    for (const name of ['..', '../up', 'a/b', '1', 'a.', '', 'é'])
      expect(await refusal({ sets: { [name]: { path: 'x' } } })).toContain('a name begins with a letter');
    expect(await refusal({ sets: { Data: { path: 'x' } } })).toContain('sets.Data: this name is taken');
    expect(await refusal({ settings: { AvePool: null, avepool: {} } })).toContain('settings.avepool: differs');
    expect(await refusal({ sets: {} })).toContain('sets: there is none');
    expect(await refusal({ sets: { a: null } })).toContain('sets.a: must have the keys of a data set');
    expect(await refusal({ settings: ['AvePool'] })).toContain('settings: must be names');
    expect(await refusal({ settings: { s: 'AvePool' } })).toContain('settings.s: must consist of keys');
    expect(await refusal({ settings: { s: { preset: 'smal' } } })).toContain(
      'no preset "smal" (did you mean "small"?)',
    );
    expect(await refusal({ settings: { s: { seed: 3 } } })).toContain('settings.s.seed: "seed" cannot be given here');
    expect(await refusal({ config: { data: { path: 'x' } } })).toContain('config.data: "data" cannot be given here');
    expect(await refusal({ sets: { a: { path: 'x', config: { preset: 'small' } } } })).toContain(
      'sets.a.config.preset',
    );
    expect(await refusal({ sets: { a: { path: 'x', split: { folds: 3, fold: 0 } } } })).toContain('sets.a.split.fold');
    expect(await refusal({ split: { train: 0.5, test: 0.2 } })).toContain('the fractions must add up to 1');
    expect(
      await refusal(JSON.parse('{ "sets": { "a": { "path": "x" }, "__proto__": { "path": "y" } } }') as object),
    ).toContain('unknown key "sets.__proto__"');
    // What is wrong once for all sets is said once.
    expect(await refusal({ sets: { a: { path: 'a' }, b: { path: 'b' } }, settings: { s: { epoch: 3 } } })).toBe(
      's.yaml: unknown key "epoch" (did you mean "epochs"?)',
    );
    const both = { a: { path: 'a', config: { epochs: 0 } }, b: { path: 'b', split: { trian: 1 } } };
    expect(await refusal({ sets: both })).toMatch(/^2 problems:\n.*epochs: .*\n.*unknown key "data.split.trian"/);
  });

  it('names the line on which a key stands', async () => {
    const lineOf = (path: readonly PropertyKey[]): number => {
      const known = ['config.batch', 'sets.a.config.epochs', 'settings.s.epochs', 'sets.a.split.train'];
      return 10 + known.indexOf(path.join('.'));
    };
    const content = {
      sets: { a: { path: 'a', config: { epochs: 3 } } },
      settings: { s: { epochs: 4 } },
      config: { batch: 2 },
    };
    const message = (changes: object): Promise<string> => refusal({ ...content, ...changes }, { lineOf });
    expect(await message({ config: { batch: 0 } })).toMatch(/^s\.yaml:10: batch/);
    expect(await message({ sets: { a: { path: 'a', config: { epochs: 0 } } } })).toMatch(/^s\.yaml:11: epochs/);
    expect(await message({ sets: { a: { path: 'a' } }, settings: { s: { epochs: 0 } } })).toMatch(
      /^s\.yaml:12: epochs/,
    );
    expect(await message({ sets: { a: { path: 'a', split: { train: 'x' } } } })).toMatch(
      /^s\.yaml:13: data\.split\.train/,
    );
  });
});
