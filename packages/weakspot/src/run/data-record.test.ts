import { describe, expect, it } from 'vitest';
import { type RecordedImage, differencesBetween } from './data-record.js';

const image = (labels: readonly string[], more: Partial<RecordedImage> = {}): RecordedImage => ({
  labels: [...labels],
  located: false,
  sha256: 'a',
  ...more,
});

describe('differencesBetween', () => {
  it('is empty for the same images in another order', () => {
    const [a, b] = [image(['lesion']), image(['normal'])];
    expect(differencesBetween({ a, b }, { b, a })).toEqual([]);
  });

  it('tells each kind with its count and the first names', () => {
    const many = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`${i}.png`, image(['normal'])]));
    const before = {
      ...many,
      a: image(['lesion']),
      b: image(['x', 'y']),
      c: image(['x']),
      d: image(['x'], { located: true }),
    };
    const now = {
      a: image(['normal']),
      b: image([]),
      c: image(['x'], { sha256: null, located: true }),
      d: image(['x']),
      new: image(['x']),
    };
    expect(differencesBetween(before, now)).toEqual([
      '7 images removed: 0.png, 1.png, 2.png, 3.png, 4.png and 2 more',
      '1 image added: new',
      '2 images relabelled: a (lesion -> normal), b (x|y -> none)',
      '1 image with other content: c',
      '1 image with ground truth that had none before: c',
      '1 image without ground truth that had some before: d',
    ]);
  });

  it('knows nothing of the content of an image that was in no part', () => {
    const { sha256: _, ...unused } = image(['x']);
    expect(differencesBetween({ a: unused }, { a: image(['x']) })).toEqual([]);
    expect(differencesBetween({ a: unused }, { a: image(['y']) })).toEqual(['1 image relabelled: a (x -> y)']);
  });
});
