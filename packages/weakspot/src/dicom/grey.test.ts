import { describe, expect, it } from 'vitest';
import type { GreyFrame } from './grey.js';
import { greyFrame } from './grey.js';
import { openDicom } from './open.js';
import { encode } from './testing/codestreams.js';
import { failureOf } from './testing/failure.js';
import type { FileOptions, Values } from './testing/file.js';
import { dicomFile, imageValues, words } from './testing/file.js';
import { BIG_ENDIAN, IMPLICIT_LITTLE_ENDIAN } from './transfer-syntax.js';

async function grey(values: Values, frame = 1, options: FileOptions = {}): Promise<GreyFrame> {
  return greyFrame(openDicom(dicomFile(values, options), 'x'), frame, 'x');
}

const image = (samples: readonly number[], more: Values = {}): Values =>
  imageValues(samples.length, 1, { PixelData: words(samples), ...more });

const TWELVE: Values = { BitsStored: [12], HighBit: [11] };
const EIGHT: Values = { BitsAllocated: [8], BitsStored: [8], HighBit: [7] };

describe('greyFrame', () => {
  it('keeps unsigned samples as they are, and tells what their bits can hold', async () => {
    const frame = await grey(image([0, 7, 4095], { ...TWELVE, PhotometricInterpretation: 'MONOCHROME1' }));
    expect(frame).toEqual({
      width: 3,
      height: 1,
      pixels: Uint16Array.of(0, 7, 4095),
      lowest: 0,
      highest: 4095,
      inverted: true,
      windows: [],
    });
  });

  it('leaves out overlays in bits that are not stored, and extends signs', async () => {
    const frame = await grey(image([0xf000 | 7, 0x8fff], TWELVE));
    expect([...frame.pixels]).toEqual([7, 4095]);
    const signed = await grey(image([0x7fff, 0xf800, 5], { ...TWELVE, PixelRepresentation: [1] }));
    expect(signed.pixels).toEqual(Float32Array.of(-1, -2048, 5));
    expect([signed.lowest, signed.highest]).toEqual([-2048, 2047]);
    const high = await grey(image([0x1230, 0xfff0], { BitsStored: [12], HighBit: [15] }));
    expect([...high.pixels]).toEqual([0x123, 0xfff]);
  });

  it('applies the rescale, of the range too', async () => {
    const frame = await grey(image([0, 1024], { ...TWELVE, RescaleSlope: '-2', RescaleIntercept: '100.5' }));
    expect(frame.pixels).toEqual(Float32Array.of(100.5, -1947.5));
    expect([frame.lowest, frame.highest]).toEqual([-8089.5, 100.5]);
    const half = await grey(image([3], { RescaleIntercept: '5' }));
    expect(half.pixels).toEqual(Float32Array.of(8));
  });

  it.each([undefined, IMPLICIT_LITTLE_ENDIAN, BIG_ENDIAN])(
    'applies a modality table of 16 or 8 bits (%s)',
    async (transferSyntax) => {
      const options = transferSyntax === undefined ? {} : { transferSyntax };
      const swap = (values: readonly number[]): Uint8Array =>
        transferSyntax === BIG_ENDIAN
          ? Uint8Array.from(values.flatMap((value) => [value >> 8, value & 255]))
          : words(values);
      const table = { LUTDescriptor: [3, 10, 16], LUTData: swap([500, 40, 60000]) };
      const values = imageValues(4, 1, { PixelData: swap([0, 10, 11, 99]), ModalityLUTSequence: [table] });
      const frame = await grey(values, 1, options);
      expect([...frame.pixels]).toEqual([500, 500, 40, 60000]);
      expect([frame.lowest, frame.highest]).toEqual([40, 60000]);
      const packed = { LUTDescriptor: [4, 10, 8], LUTData: swap([0x0201, 0x0403]) };
      expect([...(await grey({ ...values, ModalityLUTSequence: [packed] }, 1, options)).pixels]).toEqual([1, 1, 2, 4]);
    },
  );

  it('reads tables and windows of every function, tables first, and leaves out what cannot be', async () => {
    const windows = { WindowCenter: '40\\50\\60', WindowWidth: '400\\0\\1', WindowCenterWidthExplanation: 'SOFT\\BAD' };
    expect((await grey(image([0], windows))).windows).toEqual([
      { kind: 'linear', center: 40, width: 400, explanation: 'SOFT' },
      { kind: 'linear', center: 60, width: 1 },
    ]);
    const sigmoid = { WindowCenter: '1', WindowWidth: '0.5', VOILUTFunction: 'SIGMOID' };
    expect((await grey(image([0], sigmoid))).windows).toEqual([{ kind: 'sigmoid', center: 1, width: 0.5 }]);
    const exact = { ...sigmoid, VOILUTFunction: 'LINEAR_EXACT' };
    expect((await grey(image([0], exact))).windows).toEqual([{ kind: 'linear-exact', center: 1, width: 0.5 }]);
    const table = { LUTDescriptor: [2, 65535, 10], LUTExplanation: 'HARDER', LUTData: words([0, 1023]) };
    const both = { VOILUTSequence: [table], WindowCenter: '5', WindowWidth: '2', PixelRepresentation: [1] };
    expect((await grey(image([0], both))).windows).toEqual([
      { kind: 'table', first: -1, entries: Uint16Array.of(0, 1023), highest: 1023, explanation: 'HARDER' },
      { kind: 'linear', center: 5, width: 2 },
    ]);
  });

  it('makes padding NaN, of one value or a range, before the rescale', async () => {
    const one = await grey(image([5, 6, 7], { PixelPaddingValue: [6], RescaleIntercept: '1' }));
    expect(one.pixels).toEqual(Float32Array.of(6, NaN, 8));
    const range = { PixelPaddingValue: [-2000], PixelPaddingRangeLimit: [-10], PixelRepresentation: [1] };
    expect((await grey(image([-2000, -11, -9, -2001], range))).pixels).toEqual(Float32Array.of(NaN, NaN, -9, -2001));
    expect((await failureOf(() => grey(image([6], { PixelPaddingValue: [6] })))).message).toMatch(
      /all of its pixels are padding/,
    );
  });

  it('takes the transformation and window of the frame, else those of all frames', async () => {
    const values = image([1, 1], {
      Columns: [1],
      NumberOfFrames: [2],
      SharedFunctionalGroupsSequence: [
        {
          PixelValueTransformationSequence: [{ RescaleSlope: '10', RescaleIntercept: '0' }],
          FrameVOILUTSequence: [{ WindowCenter: '9', WindowWidth: '9' }],
        },
      ],
      PerFrameFunctionalGroupsSequence: [
        {},
        { PixelValueTransformationSequence: [{ RescaleSlope: '3', RescaleIntercept: '1' }] },
      ],
    });
    expect([...(await grey(values, 1)).pixels]).toEqual([10]);
    expect([...(await grey(values, 2)).pixels]).toEqual([4]);
    expect((await grey(values, 2)).windows).toEqual([{ kind: 'linear', center: 9, width: 9 }]);
  });

  it('turns colours to luma: RGB by weights, YBR by its Y, a palette by its colours', async () => {
    const colour = { ...EIGHT, SamplesPerPixel: [3], PixelData: Uint8Array.of(255, 0, 0, 9, 9, 9) };
    expect([...(await grey(imageValues(2, 1, { ...colour, PhotometricInterpretation: 'RGB' }))).pixels]).toEqual([
      76, 9,
    ]);
    expect([...(await grey(imageValues(2, 1, { ...colour, PhotometricInterpretation: 'YBR_FULL' }))).pixels]).toEqual([
      255, 9,
    ]);
    const palette: Values = {
      ...EIGHT,
      PhotometricInterpretation: 'PALETTE COLOR',
      PixelData: Uint8Array.of(0, 1, 2, 200),
    };
    const tables = Object.fromEntries(
      ['Red', 'Green', 'Blue'].flatMap((name) => [
        [`${name}PaletteColorLookupTableDescriptor`, [2, 1, 16]],
        [`${name}PaletteColorLookupTableData`, words([name === 'Red' ? 1000 : 0, 65535])],
      ]),
    );
    const frame = await grey(imageValues(4, 1, { ...palette, ...tables }));
    expect(frame.pixels).toEqual(Uint16Array.of(299, 299, 65535, 65535));
    expect(frame.highest).toBe(65535);
    expect((await failureOf(() => grey(imageValues(4, 1, palette)))).message).toMatch(/its palette is missing/);
    const segmented = { ...palette, SegmentedRedPaletteColorLookupTableData: words([0]) };
    expect((await failureOf(() => grey(imageValues(4, 1, segmented)))).message).toMatch(/segmented/);
    const other = imageValues(2, 1, { ...colour, PhotometricInterpretation: 'HSV' });
    expect((await failureOf(() => grey(other))).message).toMatch(/photometric interpretation/);
  });

  it('takes JPEG colours for what they are coded as, and keeps values that overshoot in range', async () => {
    const bytes = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => [200, 40, 90][i % 3] as number);
    const stream = await encode(
      'encodeJpeg',
      { width: 16, height: 16, samplesPerPixel: 3, bitsAllocated: 8, bitsStored: 8, bytes },
      { lossy: true, quality: 100 },
    );
    const coded = imageValues(16, 16, { ...EIGHT, SamplesPerPixel: [3], PhotometricInterpretation: 'YBR_FULL' });
    const frame = await grey(coded, 1, { transferSyntax: '1.2.840.10008.1.2.4.50', fragments: [stream] });
    const luma = 0.299 * 200 + 0.587 * 40 + 0.114 * 90;
    for (const value of frame.pixels) expect(Math.abs(value - luma)).toBeLessThan(3);
    // 7 bits stored in a stream of 8: white next to black overshoots.
    const steps = Uint8Array.from({ length: 32 * 32 }, (_, i) => (i % 32 < 13 ? 0 : 127));
    const picture = {
      width: 32,
      height: 32,
      samplesPerPixel: 1,
      bitsAllocated: 8,
      bitsStored: 8,
      bytes: steps,
    } as const;
    const lossy = await encode('encodeJpeg', picture, { lossy: true, quality: 30 });
    const values = imageValues(32, 32, { BitsStored: [7], HighBit: [6] });
    const options = { transferSyntax: '1.2.840.10008.1.2.4.50', fragments: [lossy] };
    const opened = openDicom(dicomFile(values, options), 'x');
    const wrapped = await opened.frame(1, 'pydicom');
    const kept = await opened.frame(1);
    const differing = [...kept.keys()].filter((i) => kept[i] !== wrapped[i]);
    expect(differing.length).toBeGreaterThan(0);
    for (const i of differing) expect([kept[i], wrapped[i]]).toEqual([127, (wrapped[i] as number) % 128]);
  });
});
