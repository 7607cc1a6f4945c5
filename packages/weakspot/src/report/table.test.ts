import { type MetricEstimates, type Metrics, metricDescriptions, formatScore } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import { evaluationRecord } from './record.js';
import { scoreLegend } from './columns.js';
import { wrapText } from './wrap.js';
import { estimatesTable, metricsTable, renderMarkdownTable, renderTable } from './table.js';

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
  hitRateBrightest: 0.25,
  locApBrightest: 0.125,
  hitRateDarkest: 0,
  locApDarkest: 0,
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
        ? {}
        : { value: 0.5, low: 0.25, high: 0.75, random: 0.125, mean: 0.375, brightest: 0.625, darkest: 0 },
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
    expect(lines[0]).toMatch(/^Metric +Value +90% interval +Random +Centred +Mean map +Bright +Dark$/);
    expect(lines.find((line) => line.startsWith('AUC'))).toMatch(/^AUC +\.500 +\.250 to \.750( +-){5}$/);
    expect(lines.find((line) => line.startsWith('Loc AP'))).toMatch(
      /^Loc AP +\.500 +\.250 to \.750 +\.125 +- +\.375 +\.625 +\.000$/,
    );
    expect(lines.find((line) => line.startsWith('LROC area'))).toMatch(/^LROC area( +-){7}$/);
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
      'Method        ACC   AUC    AP+   AP-  Loc AP  Hit rate  Random  Shuffled  Mean map  Fixed  Bright  Dark',
      '-----------  ----  ----  -----  ----  ------  --------  ------  --------  --------  -----  ------  ----',
      'STL+AvePool  .837  .927  1.000  .906    .872         -    .000      .500         -   .600    .250  .000',
    ]);
  });

  it("says which map was read where it is not the positive class's", () => {
    expect(metricsTable([{ ...record, map: 'difference' }])).toContain('\nSTL+AvePool, difference map  .837');
  });

  it('names the test set where there are several', () => {
    const table = metricsTable([record, { ...record, dataset: 'MC' }], { format: 'markdown' });
    expect(table.split('\n')).toEqual([
      '| Method | Test set | ACC | AUC | AP+ | AP- | Loc AP | Hit rate | Random | Shuffled | Mean map | Fixed | Bright | Dark |',
      `| --- | --- |${' ---: |'.repeat(12)}`,
      '| STL+AvePool | Shenzhen | .837 | .927 | 1.000 | .906 | .872 | - | .000 | .500 | - | .600 | .250 | .000 |',
      '| STL+AvePool | MC | .837 | .927 | 1.000 | .906 | .872 | - | .000 | .500 | - | .600 | .250 | .000 |',
    ]);
  });
});

describe('the width of a table', () => {
  const widest = (text: string): number => Math.max(...text.split('\n').map((line) => Array.from(line).length));

  it('is at most 120 columns: a wide one becomes two, the hit rates in the second', () => {
    const record = {
      ...evaluationRecord('STL+LSE, r = 1, a long name', 'hospital A', metrics),
      map: 'layercam',
    } as const;
    const table = metricsTable([record, { ...record, dataset: 'hospital B' }]);
    expect(widest(table)).toBeLessThanOrEqual(120);
    const heads = table.split('\n').filter((line) => line.startsWith('Method'));
    expect(heads).toEqual([
      expect.stringMatching(/Test set +ACC .*Loc AP$/),
      expect.stringMatching(/Test set +Hit rate .*Dark$/),
    ]);
    expect(table.split('\n').filter((line) => line.includes('hospital B'))).toHaveLength(2);
  });

  it('shortens a text that leaves no room for numbers, in the middle', () => {
    const table = renderTable(['Method', 'A'], [[`${'x'.repeat(90)}${'y'.repeat(90)}`, '1']], { maxWidth: 40 });
    expect(widest(table)).toBe(40);
    expect(table.split('\n')[2]).toMatch(/^x{18}…y{18}  1$/);
  });

  it('is as wide as it comes where it is not told', () => {
    expect(widest(renderTable(['A', 'B'], [['a'.repeat(100), 'b'.repeat(100)]]))).toBe(202);
  });
});

describe('the legend of a table', () => {
  it('says what every column is', () => {
    const [head = ''] = metricsTable([evaluationRecord('A', 'B', metrics)]).split('\n');
    for (const name of head.split(/ {2,}/).slice(1)) expect(scoreLegend()).toContain(`${name}: `);
  });

  it('breaks at 120 columns, between words', () => {
    const lines = wrapText(scoreLegend()).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(lines.join(' ')).toBe(scoreLegend());
    expect(wrapText('one two three', 7, '  ')).toBe('one two\n  three');
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
