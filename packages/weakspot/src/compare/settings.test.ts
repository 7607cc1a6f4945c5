import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../data/testing/files.js';
import { type PartialComparison, resolveComparison } from './settings.js';

const settingsOf = (partial: PartialComparison) =>
  resolveComparison({ data: { path: 'films' }, ...partial }, { source: 'test', threads: 1 });
const refusal = async (compare: unknown, partial: PartialComparison = {}): Promise<string> => {
  const error = await failureOf(() => settingsOf({ ...partial, compare }));
  expect(error.code).toBe('config');
  return error.message;
};

describe('resolveComparison', () => {
  it('compares the paper’s four methods with three seeds unless told otherwise', () => {
    const { methods, ...rest } = settingsOf({ epochs: 5 });
    expect(methods.map(({ name, config }) => [name, config.method, config.epochs])).toEqual(
      ['MaxPool', 'AvePool', 'STL+MaxPool', 'STL+AvePool'].map((name) => [name, name, 5]),
    );
    expect(rest).toEqual({
      seeds: [0, 1, 2],
      folds: null,
      tests: [],
      checkpoint: 'last',
      tolerance: null,
      resamples: 2000,
      level: 0.95,
    });
    expect(methods[0]?.config.data.path).toBe(resolve('films'));
  });

  it('takes variants of methods: a name with the keys that differ', () => {
    const long = { name: 'long', method: 'AvePool', epochs: 60, optimizer: { momentum: 0.5 } };
    const { methods } = settingsOf({ optimizer: { learningRate: 0.1 }, compare: { methods: ['AvePool', long] } });
    expect(methods.map(({ name, config }) => [name, config.epochs, config.alpha.at])).toEqual([
      ['AvePool', 30, 18],
      ['long', 60, 36],
    ]);
    expect(methods[1]?.config.optimizer).toMatchObject({ learningRate: 0.1, momentum: 0.5 });
  });

  it('takes variants with a preset that all else goes over, named as the method that they are', () => {
    const variants = [
      { name: 'LSE', preset: 'small' },
      { name: 'MaxPool', method: 'AvePool', batch: 3 },
      { name: 'other' },
    ];
    const { methods } = settingsOf({ batch: 7, method: 'TopK', compare: { methods: variants } });
    expect(
      methods.map(({ name, config }) => [name, config.method, config.network.name, config.batch, config.epochs]),
    ).toEqual([
      ['LSE', 'LSE', 'small', 7, 25],
      ['MaxPool', 'AvePool', 'field', 3, 30],
      ['other', 'TopK', 'field', 7, 30],
    ]);
  });

  it('takes test sets as paths, or with how they are read', () => {
    const { tests } = settingsOf({ compare: { tests: ['a', { path: 'b', name: 'B', boxes: 'b.csv' }] } });
    expect(tests).toEqual([{ path: resolve('a') }, { path: resolve('b'), name: 'B', boxes: resolve('b.csv') }]);
  });

  it('has one seed with folds, that of the configuration', async () => {
    const { folds, seeds, methods } = settingsOf({ seed: 7, compare: { folds: 4 } });
    expect([folds, seeds]).toEqual([4, [7]]);
    expect(methods[0]?.config.data.split).toEqual({ folds: 4, fold: 0, validation: 0.1 });
    expect(await refusal({ folds: 4, seeds: [1, 2] })).toContain('compare.seeds: with folds there is one seed');
    const file = { data: { path: 'films', split: { file: 'folds.csv' } }, compare: { folds: 3 } };
    expect(settingsOf(file).methods[0]?.config.data.split).toMatchObject({ fold: 0, validation: 0 });
  });

  it('refuses what is unknown or unfair, and says where', async () => {
    expect(await refusal({ seed: [1] })).toContain('unknown key "compare.seed" (did you mean "seeds"?)');
    expect(await refusal({ methods: ['AvgPool'] })).toContain('no method "AvgPool" (did you mean "AvePool"?)');
    expect(await refusal({ methods: ['AvePool', 'AvePool'] })).toContain('"avepool" is given twice');
    expect(await refusal({ seeds: [1, 1] })).toContain('a seed is given twice');
    expect(await refusal({ methods: [{ name: '../up', method: 'AvePool' }] })).toContain('compare.methods.0');
    expect(await refusal({ methods: [{ name: 'a', seed: 3 }] })).toContain('a has its own "seed"');
    expect(await refusal({ methods: [{ name: 'a', epoch: 3 }] })).toContain('unknown key "epoch"');
    for (const preset of ['smal', 3, null])
      expect(await refusal({ methods: [{ name: 'a', preset }] })).toContain(
        'compare.methods.0.preset: there is no preset',
      );
    expect(await refusal({ tests: [{ name: 'B' }] })).toContain('compare.tests.0: must be a path');
    expect(await refusal({ level: 1 })).toContain('compare.level');
    expect(await refusal({}, { epochs: 0 })).toContain('epochs');
  });

  it('names the line of the file', async () => {
    const lineOf = (path: readonly PropertyKey[]): number => 10 * path.length;
    const partial = { data: { path: 'films' }, compare: { methods: [{ name: 'a', epochs: -1 }] } };
    const error = await failureOf(() => resolveComparison(partial, { source: 'c.yaml', threads: 1, lineOf }));
    // compare, methods, 0, epochs
    expect(error.message).toMatch(/^c\.yaml:40: epochs/);
  });
});
