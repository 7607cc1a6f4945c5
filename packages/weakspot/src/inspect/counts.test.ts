import { boxRegion } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../data/dataset.js';
import { countSamples } from './counts.js';

const common = { split: undefined, path: '/x', regions: [] };
const parts = ['train', 'train', 'validation', 'test'] as const;

describe('countSamples', () => {
  it('counts images, patients and parts of each class, and of all', () => {
    const samples: Sample[] = [
      { ...common, name: '1', label: 0, patient: 'p' },
      { ...common, name: '2', label: 1, patient: 'p', regions: [boxRegion(0, 0, 4, 9)] },
      { ...common, name: '3', label: 1, patient: 'q' },
      { ...common, name: '4', label: 1, patient: undefined },
    ];
    const counts = countSamples({ classes: ['clear', 'tb'], samples }, parts);
    expect(counts.classes).toEqual([
      { name: 'clear', images: 1, patients: 1, located: 0, parts: { train: 1, validation: 0, test: 0 } },
      { name: 'tb', images: 3, patients: 2, located: 1, parts: { train: 1, validation: 1, test: 1 } },
    ]);
    expect(counts.all).toEqual({ images: 4, patients: 2, located: 1, parts: { train: 2, validation: 1, test: 1 } });
    expect(counts.regions).toMatchObject({ count: 1, diameter: { median: 6 } });
  });

  it('counts an image of a multi-label set for each class that it has, and for none, but once for all', () => {
    const samples: Sample[] = [[0, 1], [1], [], [0]].map((labels, i) => ({
      ...common,
      name: `${i}`,
      label: labels[0] ?? -1,
      labels,
      patient: `${i}`,
    }));
    const counts = countSamples({ classes: ['Effusion', 'Mass'], samples }, parts);
    expect(counts.classes.map(({ images, parts: { train } }) => [images, train])).toEqual([
      [2, 1],
      [2, 2],
    ]);
    expect([counts.all.images, counts.all.parts.train]).toEqual([4, 2]);
  });
});
