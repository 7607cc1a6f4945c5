import { boxRegion } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import { viewCell } from './cell-view.js';
import { describeCellView } from './describe-cells.js';
import type { CheckedImage } from './features.js';

const set = { classes: ['clear', 'lesion'], positive: 1 };
const imageOf = (width: number, height: number, regions: CheckedImage['sample']['regions'] = []): CheckedImage => ({
  sample: { name: 'a', path: '/a', label: 1, patient: undefined, split: undefined, regions },
  measures: { width, height } as CheckedImage['measures'],
});
const proposed = { data: { path: '.' }, network: { name: 'small' }, preprocessing: { width: 128, height: 64 } };

describe('viewCell', () => {
  it('says what a cell sees, in the input and in an image of median size, beside the sides of regions', () => {
    const images = [
      imageOf(512, 512, [boxRegion(0, 0, 40, 80)]),
      imageOf(256, 256, [boxRegion(10, 10, 20, 30), boxRegion(0, 0, 60, 100)]),
      imageOf(512, 512),
    ];
    const view = viewCell(proposed, set, images);
    // small: 57 pixels of the input, 8 apart (docs/explanation/method.md).
    expect(view).toMatchObject({ network: 'small', input: { width: 128, height: 64 }, field: 57, stride: 8 });
    expect(view.fieldInImage).toEqual({ width: 57 * 4, height: 57 * 8 });
    // Sides of the images 40, 80, 10, 20, 60, 100; of the input 40 / 4, 80 / 8, 10 / 2, 20 / 4, 60 / 2, 100 / 4.
    expect(view.sides?.image).toEqual({ lower: 20, median: 40, upper: 80 });
    expect(view.sides?.input).toEqual({ lower: 5, median: 10, upper: 25 });
    expect(describeCellView(view).split('\n')).toEqual([
      'Pixels                            of the input, 128 x 64  of an image',
      '--------------------------------  ----------------------  -----------',
      'what a cell sees                                      57    228 x 456',
      'side of a region: lower quartile                       5           20',
      'median                                                10           40',
      'upper quartile                                        25           80',
      'Cells are those of the proposed network, small, 8 pixels of its input apart.',
    ]);
  });

  it('knows the field of the network that is proposed, whatever it is', () => {
    const preprocessing = { width: 96, height: 96 };
    const fieldOf = (network: object): number =>
      viewCell({ ...proposed, preprocessing, network }, set, [imageOf(96, 96)]).field;
    expect([fieldOf({ name: 'field' }), fieldOf({ name: 'compact' })]).toEqual([39, 259]);
  });

  it('has no sides to compare with where no region is known', () => {
    const view = viewCell(proposed, set, [imageOf(256, 128)]);
    expect(view.sides).toBeUndefined();
    expect(describeCellView(view)).toContain('No region is known to compare with.');
  });
});
