import { evaluationWarnings, formatScore } from '@weakspot/core';
import type { Metrics } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import { evidenceTable } from './evidence.js';
import type { MeasuredRun } from './measure.js';
import { meanAndSpread, recordsOf, resultTables } from './results.js';
import { warningsOf } from './warnings.js';
import { termsOf } from './words.js';

function measured(
  method: number,
  name: string,
  metrics: Partial<Metrics>,
  located = 100,
  rest: Partial<MeasuredRun> = {},
): MeasuredRun {
  const all: Metrics = {
    images: 200,
    positives: 100,
    located,
    acc: 0.8,
    auc: 0.9,
    apPositive: 0.91,
    apNegative: 0.89,
    locAp: 0.7,
    hitRate: 0.75,
    hitRateRandom: 0.1,
    hitRateShuffled: 0.3,
    hitRateFixed: 0.5,
    locApFixed: 0.4,
    hitRateBrightest: 0.2,
    locApBrightest: 0.15,
    hitRateDarkest: 0.02,
    locApDarkest: 0.01,
    ...metrics,
  };
  // Only what the tables read.
  return {
    run: { method, name },
    info: { map: 'positive' },
    metrics: all,
    images: [],
    warnings: evaluationWarnings([{ metrics: all, position: rest.position, evidence: rest.evidence }], all),
    ...rest,
  } as unknown as MeasuredRun;
}

describe('meanAndSpread', () => {
  it('is the mean and the standard deviation of the sample', () => {
    // Deviations -.1, 0 and .1: the variance is .02 / 2.
    expect(meanAndSpread([0.5, 0.6, 0.7])).toBe('.600 ± .100');
    expect(meanAndSpread([0.25])).toBe('.250');
    expect(meanAndSpread([0.25, 0.25])).toBe('.250');
    expect(meanAndSpread([null, 0.25])).toBe('.250');
    expect(meanAndSpread([null])).toBe('-');
  });
});

describe('evidenceTable', () => {
  const own = { negativeShare: 0.4, hitRates: { positive: 0.6, difference: 0.7, negative: 0.2 }, misplaced: false };
  const others = { negativeShare: 0.9, hitRates: { positive: 0.1, difference: 0.5, negative: 0.6 }, misplaced: true };
  const runs = [
    measured(0, 'seed 0', {}, 100, { evidence: own }),
    measured(0, 'seed 1', {}, 100, { evidence: others }),
    measured(1, 'seed 0', {}),
  ];

  it('has the hit rate of each map of the methods that have several', () => {
    expect(evidenceTable(runs, ['A', 'B'], 'films')?.rows).toEqual([
      ['A', '.350 ± .354', '.600 ± .141', '.400 ± .283', '.650 ± .354'],
    ]);
    expect(evidenceTable(runs.slice(2), ['A', 'B'], 'films')).toBeUndefined();
  });
});

describe('resultTables', () => {
  it('has the records’ numbers, a row for each method, `-` for what is not known', () => {
    const position = {
      mean: { hitRate: 0.4, locAp: 0.3 },
      gain: 0.45,
      standardError: 0.05,
      isPosition: false,
    };
    const runs = [measured(0, 'seed 0', { locAp: undefined }), measured(1, 'seed 0', { acc: 1 }, 100, { position })];
    const [table, ...others] = resultTables(runs, ['A', 'B'], 'films');
    expect(others).toEqual([]);
    expect(table?.columns.map(({ name }) => name)).toEqual([
      'Method',
      'ACC',
      'AUC',
      'AP+',
      'AP-',
      'Loc AP',
      'Hit rate',
      'Random',
      'Shuffled',
      'Mean map',
      'Fixed',
      'Bright',
      'Dark',
    ]);
    const records = recordsOf(runs, ['A', 'B'], 'films');
    expect(table?.rows).toEqual([
      ['A', '.800', '.900', '.910', '.890', '-', '.750', '.100', '.300', '-', '.500', '.200', '.020'],
      ['B', '1.000', '.900', '.910', '.890', '.700', '.750', '.100', '.300', '.400', '.500', '.200', '.020'],
    ]);
    expect(table?.rows.map((row) => row[2])).toEqual(records.map(({ auc }) => formatScore(auc)));
  });

  it('gives mean and spread over a method’s runs, and then each of them', () => {
    const runs = [measured(0, 'seed 0', { auc: 0.5 }), measured(0, 'seed 1', { auc: 0.7 }), measured(1, 'seed 0', {})];
    const [table, each] = resultTables(runs, ['A', 'B'], 'films');
    expect(table?.rows.map((row) => row.slice(0, 3))).toEqual([
      ['A', '.800', '.600 ± .141'],
      ['B', '.800', '.900'],
    ]);
    expect(each?.rows.map((row) => row[0])).toEqual(['A, seed 0', 'A, seed 1', 'B, seed 0']);
    expect(each?.rows.map((row) => row[2])).toEqual(['.500', '.700', '.900']);
  });
});

describe('warningsOf', () => {
  it('is silent about a run that is better than chance', () => {
    expect(warningsOf([measured(0, 'seed 0', {})], ['A'], 'films')).toEqual([]);
  });

  it('names the test set, the code, and the run where a method has several', () => {
    const runs = [measured(0, 'seed 0', {}), measured(0, 'seed 1', { auc: 0.4 }), measured(1, 'seed 0', { auc: 0.5 })];
    expect(warningsOf(runs, ['A', 'B'], 'films')).toEqual([
      {
        test: 'films',
        code: 'auc-at-chance',
        text: 'Images are ranked no better than chance. A, seed 1: AUC .400; B: AUC .500.',
      },
    ]);
  });

  it('says that methods were tested on different images, but for those of folds', () => {
    const on = (method: number, ...names: readonly string[]): MeasuredRun =>
      ({
        ...measured(method, 'seed 0', {}),
        images: names.map((name) => ({ sample: { path: name } })),
      }) as unknown as MeasuredRun;
    const [different, ...others] = warningsOf([on(0, 'x', 'y'), on(1, 'x')], ['A', 'B'], 'films');
    expect([different?.code, others]).toEqual(['different-images', []]);
    expect(warningsOf([on(0, 'x'), on(0, 'y'), on(1, 'y'), on(1, 'x')], ['A', 'B'], 'films')).toEqual([]);
  });

  it('counts the located images of folds together', () => {
    const fold = (name: string, from: number, to: number): MeasuredRun =>
      ({
        ...measured(0, name, {}, to - from),
        images: Array.from({ length: to - from }, (_, i) => ({
          sample: { path: String(from + i) },
          positive: true,
          hit: true,
        })),
      }) as unknown as MeasuredRun;
    expect(warningsOf([fold('fold 0', 0, 20), fold('fold 1', 20, 40)], ['A'], 'films')).toEqual([]);
    const [few] = warningsOf([fold('fold 0', 0, 10), fold('fold 1', 10, 20)], ['A'], 'films');
    expect(few?.text).toContain('(20 images, by .050).');
  });
});

describe('termsOf', () => {
  it('says which map the response is the maximum of', () => {
    const textOf = (term: string, ...args: Parameters<typeof termsOf>) =>
      termsOf(...args).find(([name]) => name === term)?.[1];
    expect(textOf('Response and hit', 'tb', '16 pixels')).toContain('the maximum of the activation map of tb, resized');
    const read = textOf('Response and hit', 'tb', '16 pixels', ['layercam', 'positive', 'layercam']);
    expect(read).toContain(
      'LayerCAM of the localizer, which shows where its evidence of tb is or the activation map of tb',
    );
    expect(textOf('Maps', 'tb', '16 pixels', ['layercam'])).toMatch(/^LayerCAM of the localizer/);
    expect(textOf('Maps', 'tb', '16 pixels', ['positive+flips'])).toMatch(
      /^The activation map of tb, averaged over the image and its mirror images, over the image/,
    );
  });
});
