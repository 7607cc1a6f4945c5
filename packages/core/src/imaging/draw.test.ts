import { describe, expect, it } from 'vitest';
import { drawBox, drawCross } from './draw.js';

/** Draws on black and shows the image as text: `#` where it is no longer black. */
function picture(width: number, height: number, draw: (rgb: Uint8Array) => void): string[] {
  const rgb = new Uint8Array(width * height * 3);
  draw(rgb);
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (__, x) => (rgb[(y * width + x) * 3 + 1] === 200 ? '#' : '.')).join(''),
  );
}

const colour = [100, 200, 255] as const;

describe('drawBox', () => {
  it('draws an outline inside the box', () => {
    const box = { x0: 1, y0: 1, x1: 6, y1: 5 };
    expect(picture(7, 6, (rgb) => drawBox(rgb, 7, 6, box, colour))).toEqual([
      '.......',
      '.#####.',
      '.#...#.',
      '.#...#.',
      '.#####.',
      '.......',
    ]);
  });

  it('is cut at the border of the image and keeps its thickness', () => {
    const box = { x0: -2, y0: -2, x1: 4, y1: 4 };
    expect(picture(6, 5, (rgb) => drawBox(rgb, 6, 5, box, colour, 2))).toEqual([
      '..##..',
      '..##..',
      '####..',
      '####..',
      '......',
    ]);
  });

  it('does not spill out of a box thinner than the line, nor draw one wholly outside', () => {
    const thin = { x0: 1, y0: 0, x1: 2, y1: 3 };
    expect(picture(3, 3, (rgb) => drawBox(rgb, 3, 3, thin, colour, 3))).toEqual(['.#.', '.#.', '.#.']);
    const outside = { x0: 5, y0: 5, x1: 9, y1: 9 };
    expect(picture(3, 3, (rgb) => drawBox(rgb, 3, 3, outside, colour))).toEqual(['...', '...', '...']);
  });

  it('writes all three channels', () => {
    const rgb = new Uint8Array(3);
    drawBox(rgb, 1, 1, { x0: 0, y0: 0, x1: 1, y1: 1 }, colour);
    expect([...rgb]).toEqual([...colour]);
  });
});

describe('drawCross', () => {
  it('is centred on the pixel that holds the point', () => {
    expect(picture(7, 5, (rgb) => drawCross(rgb, 7, 5, { x: 3.9, y: 2.1 }, colour, 2))).toEqual([
      '...#...',
      '...#...',
      '.#####.',
      '...#...',
      '...#...',
    ]);
  });

  it('is cut at the border, with thick arms', () => {
    expect(picture(5, 4, (rgb) => drawCross(rgb, 5, 4, { x: 0.5, y: 0.5 }, colour, 3, 3))).toEqual([
      '####.',
      '####.',
      '##...',
      '##...',
    ]);
  });
});
