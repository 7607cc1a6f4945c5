import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRle } from './rle.js';

/** Literal runs and repeats, as PS3.5 annex G has them. */
function encodeRle(segments: readonly Uint8Array[]): Uint8Array {
  const packed = segments.map((segment) => {
    const out: number[] = [];
    for (let at = 0; at < segment.length;) {
      let run = 1;
      while (run < 128 && segment[at + run] === segment[at]) run++;
      if (run > 1) out.push(257 - run, segment[at] as number);
      else out.push(0, segment[at] as number);
      at += run;
    }
    return Uint8Array.from(out.length % 2 === 0 ? out : [...out, 128]);
  });
  const header = new Uint32Array(16);
  header[0] = segments.length;
  packed.reduce((offset, segment, i) => ((header[1 + i] = offset), offset + segment.length), 64);
  return Uint8Array.from([...new Uint8Array(header.buffer), ...packed.flatMap((segment) => [...segment])]);
}

describe('decodeRle', () => {
  it('gives back samples of every width and number', () => {
    const shapes = fc.record({
      bytes: fc.constantFrom(1, 2, 4),
      samples: fc.constantFrom(1, 3),
      pixels: fc.integer({ min: 1, max: 300 }),
      step: fc.constantFrom(0, 1, 7),
    });
    fc.assert(
      fc.property(shapes, ({ bytes, samples, pixels, step }) => {
        const all = Uint8Array.from({ length: pixels * samples * bytes }, (_, i) => Math.floor(i / 5) * step);
        const segments = Array.from({ length: samples * bytes }, (_, segment) => {
          const [sample, byte] = [Math.floor(segment / bytes), bytes - 1 - (segment % bytes)];
          return Uint8Array.from(
            { length: pixels },
            (_pixel, pixel) => all[(pixel * samples + sample) * bytes + byte] as number,
          );
        });
        expect(decodeRle(encodeRle(segments), pixels, samples, bytes)).toEqual(all);
      }),
      { numRuns: 100 },
    );
  });

  it('refuses segments that end early or lie outside', () => {
    const good = encodeRle([Uint8Array.of(1, 2, 3, 4)]);
    expect(() => decodeRle(good, 9, 1, 1)).toThrow('ends before its last pixel');
    expect(() => decodeRle(good, 2, 1, 2)).toThrow('does not name 2 segments');
    const outside = good.slice();
    outside[4] = 255;
    expect(() => decodeRle(outside, 4, 1, 1)).toThrow('outside');
    expect(() => decodeRle(good.slice(0, 60), 4, 1, 1)).toThrow('shorter');
  });
});
