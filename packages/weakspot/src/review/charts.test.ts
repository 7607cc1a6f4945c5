import { describe, expect, it } from 'vitest';
import { rankingCharts } from './charts.js';
import type { MeasuredImage, MeasuredRun } from './measure.js';

/** Score, whether positive, whether the response hits (undefined: no ground truth). */
type Row = readonly [score: number, positive: boolean, hit?: boolean];

function run(method: number, rows: readonly Row[]): MeasuredRun {
  const images = rows.map(([score, positive, hit]) => ({ score, positive, hit }) as unknown as MeasuredImage);
  return { run: { method, name: 'seed 0' }, images, allMetrics: { auc: 0.5, froc1: 0.75 } } as unknown as MeasuredRun;
}

// Worked by hand: positives at ranks 1, 3 and 4 of five; the first and the last of them are pointed at rightly.
const rows: readonly Row[] = [
  [0.9, true, true],
  [0.8, false],
  [0.7, true, false],
  [0.6, true, true],
  [0.1, false],
];

describe('rankingCharts', () => {
  it('draws ROC and both precision-recall curves through the points worked by hand', () => {
    const [roc, precision, localization] = rankingCharts([run(0, rows)], ['A']);
    expect(roc?.series[1]?.points).toEqual([
      { x: 0, y: 0 },
      { x: 0, y: 1 / 3 },
      { x: 0.5, y: 1 / 3 },
      { x: 0.5, y: 2 / 3 },
      { x: 0.5, y: 1 },
      { x: 1, y: 1 },
    ]);
    expect(precision?.series[0]?.points.map(({ y }) => y)).toEqual([1, 1 / 2, 2 / 3, 3 / 4, 3 / 5]);
    expect(localization?.series[0]?.points).toEqual([
      { x: 1 / 3, y: 1 },
      { x: 1 / 3, y: 1 / 2 },
      { x: 1 / 3, y: 1 / 3 },
      { x: 2 / 3, y: 2 / 4 },
      { x: 2 / 3, y: 2 / 5 },
    ]);
  });

  it('says the curves’ values in numbers, and nothing where a curve does not reach', () => {
    const [roc, precision, localization] = rankingCharts([run(0, rows)], ['A']);
    expect(roc?.table?.rows).toEqual([
      ['0.05', '.333'],
      ['0.1', '.333'],
      ['0.2', '.333'],
      ['0.3', '.333'],
      ['0.5', '1.000'],
    ]);
    expect(precision?.table?.rows.map((row) => row[1])).toEqual(['.750', '.750', '.750', '.750', '.750', '.750']);
    expect(localization?.table?.rows.map((row) => row[1])).toEqual(['1.000', '.500', '.500', '-', '-']);
  });

  it('draws the FROC curve worked by hand, and takes its numbers from the metrics', () => {
    const detection = (lesions: readonly number[], wrong: readonly number[]) => ({
      detection: { lesionScores: Float64Array.from(lesions), falseScores: Float64Array.from(wrong) },
    });
    const one = run(0, rows);
    // Three lesions, one without a mark on it; three wrong marks on four images; a fifth image whose lesions are unknown.
    const images = [
      detection([0.9, -Infinity], [0.5]),
      detection([0.4], []),
      detection([], [0.7, 0.1]),
      detection([], []),
      { detection: undefined },
    ] as unknown as readonly MeasuredImage[];
    const froc = rankingCharts([{ ...one, images }], ['A']).at(-1);
    expect(froc?.title).toBe('FROC');
    expect(froc?.series[0]?.points).toEqual([
      { x: 0, y: 0 },
      { x: 0, y: 1 / 3 },
      { x: 1 / 4, y: 1 / 3 },
      { x: 2 / 4, y: 1 / 3 },
      { x: 2 / 4, y: 2 / 3 },
      { x: 3 / 4, y: 2 / 3 },
    ]);
    expect(froc?.table?.rows.map((row) => row[1])).toEqual(['-', '-', '.750', '-', '-', '-']);
  });

  it('draws a method’s further runs as such and keeps them out of the numbers', () => {
    const [, precision] = rankingCharts([run(0, rows), run(0, rows), run(1, rows)], ['A', 'B']);
    expect(precision?.series.map(({ method, further }) => [method, further])).toEqual([
      [0, false],
      [0, true],
      [1, false],
    ]);
    expect(precision?.table?.columns.map(({ name }) => name)).toEqual(['Recall at least', 'A', 'B']);
  });

  it('leaves out the charts that a set of one class, or without ground truth, cannot tell', () => {
    expect(rankingCharts([run(0, [[0.5, false]])], ['A'])).toEqual([]);
    const titles = rankingCharts(
      [
        run(0, [
          [0.5, false],
          [0.6, true],
        ]),
      ],
      ['A'],
    ).map(({ title }) => title);
    expect(titles).toEqual(['ROC', 'Finding positive images']);
  });
});
