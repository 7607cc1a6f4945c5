import { type MetricEstimates, type Metrics, metricDescriptions } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import { evaluationRecord } from './record.js';
import { estimatesTable, formatScore, metricsTable, renderMarkdownTable, renderTable } from './table.js';

const metrics: Metrics = {
  images: 10,
  positives: 6,
  located: 5,
  acc: 0.837,
  auc: 0.9274,
  apPositive: 1,
  apNegative: 0.9061,
  locAp: 0.872,
  hitRate: undefined,
  hitRateRandom: 0,
  hitRateShuffled: 0.5,
  hitRateFixed: 0.6,
  locApFixed: undefined,
};

describe('evaluationRecord', () => {
  it('keeps every number through JSON, null for what is undefined', () => {
    const record = evaluationRecord('STL+AvePool', 'Shenzhen', metrics);
    expect(JSON.parse(JSON.stringify(record))).toEqual({
      ...metrics,
      method: 'STL+AvePool',
      dataset: 'Shenzhen',
      hitRate: null,
      locApFixed: null,
      hitRateMean: null,
      locApMean: null,
      map: 'positive',
      negativeShare: null,
      hitRates: null,
    });
    const hitRates = { positive: 0.1, difference: 0.5, negative: 0.4 };
    const evidence = { map: 'difference', negativeShare: 0.9, hitRates } as const;
    expect(evaluationRecord('MaxPool', 'MC', metrics, evidence)).toMatchObject(evidence);
    const position = { mean: { hitRate: 0.5, locAp: 0.4 } };
    const told = evaluationRecord('MaxPool', 'MC', metrics, { map: 'positive', position });
    expect(told).toMatchObject({ hitRateMean: 0.5, locApMean: 0.4 });
  });
});

/** Every metric .5, in an interval from .25 to .75, .125 for a random map, .375 for the mean map; none for a centred one. */
const estimates: MetricEstimates = {
  metrics: Object.fromEntries(
    metricDescriptions.map(({ key }) => [
      key,
      key === 'lroc'
        ? { value: undefined, low: undefined, high: undefined, random: undefined, centred: undefined, mean: undefined }
        : { value: 0.5, low: 0.25, high: 0.75, random: 0.125, centred: undefined, mean: 0.375 },
    ]),
  ) as MetricEstimates['metrics'],
  patients: 9,
  seed: 1,
  resamples: 2000,
  level: 0.9,
};

describe('estimatesTable', () => {
  const record = evaluationRecord('STL+AvePool', 'Shenzhen', metrics, { map: 'positive', estimates });

  it('has a row for every metric, with random, centred and mean maps for those that localize', () => {
    const lines = estimatesTable(record)?.split('\n') ?? [];
    expect(lines).toHaveLength(2 + metricDescriptions.length);
    expect(lines[0]).toMatch(/^Metric +Value +90% interval +Random +Centred +Mean map$/);
    expect(lines.find((line) => line.startsWith('AUC'))).toMatch(/^AUC +\.500 +\.250 to \.750 +- +- +-$/);
    expect(lines.find((line) => line.startsWith('Loc AP'))).toMatch(/^Loc AP +\.500 +\.250 to \.750 +\.125 +- +\.375$/);
    expect(lines.find((line) => line.startsWith('LROC area'))).toMatch(/^LROC area +- +- +- +- +-$/);
  });

  it('is of the record as it is stored, and of one with all metrics only', () => {
    expect(estimatesTable(JSON.parse(JSON.stringify(record)) as typeof record)).toBe(estimatesTable(record));
    expect(estimatesTable(evaluationRecord('STL+AvePool', 'Shenzhen', metrics))).toBeUndefined();
  });
});

describe('renderTable', () => {
  it('aligns the first column to the left and the others to the right, without trailing spaces', () => {
    const table = renderTable(['Name', 'n'], [['a', '1'], ['Schönlein', '234'], ['no value']]);
    expect(table.split('\n')).toEqual([
      'Name         n',
      '---------  ---',
      'a            1',
      'Schönlein  234',
      'no value',
    ]);
  });

  it('keeps a cell on one line', () => {
    expect(renderTable(['A'], [['two\nlines']])).toBe('A\n---------\ntwo lines');
  });
});

describe('renderMarkdownTable', () => {
  it('escapes bars and marks the alignment', () => {
    expect(renderMarkdownTable(['A', 'B'], [['x|y', '1']])).toBe('| A | B |\n| --- | ---: |\n| x\\|y | 1 |');
  });
});

describe('metricsTable', () => {
  const record = evaluationRecord('STL+AvePool', 'Shenzhen', metrics);

  it("prints the paper's columns in the paper's style", () => {
    expect(metricsTable([record]).split('\n')).toEqual([
      'Method        ACC   AUC    AP+   AP-  Loc AP  Hit rate  Random  Shuffled  Mean map  Fixed',
      '-----------  ----  ----  -----  ----  ------  --------  ------  --------  --------  -----',
      'STL+AvePool  .837  .927  1.000  .906    .872         -    .000      .500         -   .600',
    ]);
  });

  it("says which map was read where it is not the positive class's", () => {
    expect(metricsTable([{ ...record, map: 'difference' }])).toContain('\nSTL+AvePool, difference map  .837');
  });

  it('names the test set where there are several', () => {
    const table = metricsTable([record, { ...record, dataset: 'MC' }], { format: 'markdown' });
    expect(table.split('\n')).toEqual([
      '| Method | Test set | ACC | AUC | AP+ | AP- | Loc AP | Hit rate | Random | Shuffled | Mean map | Fixed |',
      `| --- | --- |${' ---: |'.repeat(10)}`,
      '| STL+AvePool | Shenzhen | .837 | .927 | 1.000 | .906 | .872 | - | .000 | .500 | - | .600 |',
      '| STL+AvePool | MC | .837 | .927 | 1.000 | .906 | .872 | - | .000 | .500 | - | .600 |',
    ]);
  });
});

describe('formatScore', () => {
  it('drops the leading zero only', () => {
    expect([0.5, 0.9996, 0.0004, 1, -0.25].map(formatScore)).toEqual(['.500', '1.000', '.000', '1.000', '-.250']);
  });

  it('is a dash where there is no number', () => {
    expect([null, undefined, NaN, Infinity].map(formatScore)).toEqual(['-', '-', '-', '-']);
  });
});
