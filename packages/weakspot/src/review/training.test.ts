import { describe, expect, it } from 'vitest';
import type { EpochRecord } from '../train/events.js';
import { epochRecord } from './testing/runs.js';
import { trainingPanels } from './training.js';

const epochs = (count: number, hasClassifier: boolean): EpochRecord[] =>
  Array.from({ length: count }, (_, i) => epochRecord(i + 1, hasClassifier));

describe('trainingPanels', () => {
  it('draws both heads and alpha, on one scale for all methods', () => {
    const panels = trainingPanels(
      [
        { name: 'AvePool', runs: [{ name: 'seed 0', records: epochs(3, false) }] },
        { name: 'STL+AvePool', runs: [{ name: 'seed 0', records: epochs(3, true) }] },
      ],
      2,
    );
    expect(panels.map(({ losses }) => losses.series.length)).toEqual([1, 2]);
    const [alone, both] = panels;
    expect(alone?.losses.yRange).toEqual([0, 0.8]);
    expect(both?.losses.yRange).toEqual([0, 0.8]);
    expect(both?.alpha.series[0]?.points.map(({ y }) => y)).toEqual([0.1, 0.1, 0.9]);
    expect(both?.alpha.alt).toBe(
      'alpha of STL+AvePool over the epochs: 0.1 at first, changing from epoch 3, 0.9 at the end.',
    );
    expect(both?.losses.alt).toContain('localizer from 0.600 to 0.400, classifier from 0.800 to 0.267');
    expect(both?.table.columns.map(({ name }) => name)).toEqual([
      'Epoch',
      'alpha',
      'Localizer loss',
      'Classifier loss',
    ]);
    expect(alone?.table.rows).toEqual([
      ['1', '1.00', '0.600'],
      ['2', '1.00', '0.500'],
      ['3', '1.00', '0.400'],
    ]);
  });

  it('shows validation where there was any, keeps tables short, and leaves out what was not trained', () => {
    const records = epochs(100, false).map((record) => ({ ...record, validationLoss: 9, validationAuc: 0.75 }));
    const panels = trainingPanels(
      [
        {
          name: 'A',
          runs: [
            { name: 'seed 0', records },
            { name: 'seed 1', records },
          ],
        },
        { name: 'B', runs: [{ name: 'seed 0', records: [] }] },
      ],
      2,
    );
    expect(panels.map(({ method }) => method)).toEqual(['A']);
    const [panel] = panels;
    expect(panel?.validation?.series.map(({ further }) => further)).toEqual([false, true]);
    // A loss of 9 is cut off at twice that of guessing.
    expect(panel?.losses.yRange?.[1]).toBeCloseTo(2 * Math.log(2), 12);
    expect(panel?.table.rows.length).toBeLessThanOrEqual(14);
    expect(panel?.table.rows.at(0)?.[0]).toBe('1');
    expect(panel?.table.rows.at(-1)?.[0]).toBe('100');
  });
});
