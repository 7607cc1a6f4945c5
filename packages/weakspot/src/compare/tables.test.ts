import { describe, expect, it } from 'vitest';
import type { ComparedDifference, ComparedScore, Comparison } from './comparison.js';
import {
  comparisonMarkdown,
  differenceLegend,
  differenceTable,
  hitRateLegend,
  hitRateTable,
  paperTable,
  spreadTable,
} from './tables.js';

const score = (mean: number): ComparedScore => {
  return { mean, deviation: 0.0123, low: mean - 0.05, high: mean + 0.05, values: [mean, mean] };
};
const scores = { acc: score(0.8), auc: score(0.9), apPositive: score(0.7), apNegative: score(0.6), locAp: score(0.5) };
const baselines = {
  hitRateRandom: 0.25,
  hitRateShuffled: 0.5,
  hitRateMean: null,
  hitRateFixed: 0.75,
  hitRateBrightest: 0.125,
  hitRateDarkest: 0,
};
const row = (test: string, method: string): Comparison['table'][number] => {
  return { test, method, map: 'positive', ...baselines, scores: { ...scores, hitRate: null, hitRateGain: score(0.3) } };
};
const difference = (metric: 'auc' | 'locAp', holds: ComparedDifference['holds']): ComparedDifference => ({
  test: 'MC',
  metric,
  method: 'STL+AvePool',
  baseline: 'AvePool',
  difference: metric === 'auc' ? 0.0104 : -0.0004,
  values: [],
  bootstrap: { low: -0.1, high: 0.2, p: 0.5, pAdjusted: 0.5 },
  delong:
    metric === 'auc' ? { low: 0.001, high: 0.02, p: 0.01, pAdjusted: 0.01, standardError: 0.1, freedom: null } : null,
  training: null,
  holds,
});
const comparison: Comparison = {
  format: 2,
  weakspot: '0.1.0',
  dataset: 'films',
  classes: ['clear', 'lesion'],
  positive: 'lesion',
  methods: ['AvePool', 'STL+AvePool'],
  seeds: [0, 1],
  folds: null,
  checkpoint: 'last',
  resamples: 500,
  level: 0.95,
  tests: ['MC', 'MIAS'].map((name) => ({ name, path: null, images: 8, positives: 4, located: 3, patients: 5 })),
  runs: [],
  table: ['MC', 'MIAS'].flatMap((test) => ['AvePool', 'STL+AvePool'].map((method) => row(test, method))),
  differences: [difference('auc', 'images and trainings'), difference('locAp', 'nowhere')],
};

describe('the tables of a comparison', () => {
  it('begin with the paper’s: per test set ACC, AUC, AP+, AP- and localization AP', () => {
    expect(paperTable(comparison, { format: 'markdown' }).split('\n').slice(0, 3)).toEqual([
      '| Method | MC: ACC | AUC | AP+ | AP- | Loc AP | MIAS: ACC | AUC | AP+ | AP- | Loc AP |',
      `| --- |${' ---: |'.repeat(10)}`,
      '| AvePool | .800 | .900 | .700 | .600 | .500 | .800 | .900 | .700 | .600 | .500 |',
    ]);
    const [head] = paperTable({ ...comparison, tests: comparison.tests.slice(0, 1) }).split('\n');
    expect(head).toMatch(/^Method +ACC +AUC +AP\+ +AP- +Loc AP$/);
  });

  it('show spread and interval, and - for what a set cannot tell', () => {
    const lines = spreadTable(comparison, 'MC', { format: 'markdown' }).split('\n');
    expect(lines[0]).toBe('| Metric | AvePool | STL+AvePool |');
    expect(lines).toContain('| ACC | .800 ± .012 [.750, .850] | .800 ± .012 [.750, .850] |');
    expect(lines).toContain('| Hit rate | - | - |');
    expect(lines.slice(-6)).toEqual([
      '| Random | .250 | .250 |',
      '| Shuffled | .500 | .500 |',
      '| Mean map | - | - |',
      '| Fixed | .750 | .750 |',
      '| Bright | .125 | .125 |',
      '| Dark | .000 | .000 |',
    ]);
  });

  it('set the hit rate beside those of what has learned nothing', () => {
    expect(hitRateTable(comparison, 'MC').split('\n')).toEqual([
      'Method       Hit rate  Gain  Random  Shuffled  Mean map  Fixed  Bright  Dark',
      '-----------  --------  ----  ------  --------  --------  -----  ------  ----',
      'AvePool             -  .300    .250      .500         -   .750    .125  .000',
      'STL+AvePool         -  .300    .250      .500         -   .750    .125  .000',
    ]);
    for (const name of ['Hit rate', 'Gain', 'Random', 'Shuffled', 'Mean map', 'Fixed', 'Bright', 'Dark'])
      expect(hitRateLegend).toContain(`${name}: `);
  });

  it('name the map that was read where it is not the positive class’s', () => {
    const table = comparison.table.map((one) => ({
      ...one,
      map: one.method === 'AvePool' ? ('layercam' as const) : one.map,
    }));
    const [, , first, second] = paperTable({ ...comparison, table }).split('\n');
    expect([first, second]).toEqual([
      expect.stringMatching(/^AvePool, layercam map /),
      expect.stringMatching(/^STL\+AvePool /),
    ]);
    expect(spreadTable({ ...comparison, table }, 'MC')).toContain('AvePool, layercam map');
  });

  it('show differences with DeLong’s interval of the AUC, and mark those beyond chance', () => {
    expect(differenceTable(comparison, 'MC').split('\n')).toEqual([
      'Difference    STL+AvePool - AvePool',
      '----------  -----------------------',
      'ACC                               -',
      'AUC         +.010 [+.001, +.020] **',
      'AP+                               -',
      'AP-                               -',
      'Loc AP          .000 [-.100, +.200]',
      'Hit rate                          -',
      'Gain                              -',
    ]);
  });

  it('are explained, by seeds, folds or a single run', () => {
    expect(differenceLegend(comparison)).toContain('**: for other trainings too.');
    expect(differenceLegend({ ...comparison, seeds: [0] })).toContain('One run of each method cannot show');
    const text = comparisonMarkdown(comparison);
    expect(text).toContain('Trained on films, seeds 0, 1; the last checkpoint of each.');
    expect(text).toContain('MIAS: 8 images of 5 patients, 4 positive, 3 of them located');
    expect(comparisonMarkdown({ ...comparison, folds: 5 })).toContain('in 5 folds, seed 0, 1');
  });
});
