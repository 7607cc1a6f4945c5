import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDicom } from './open.js';
import { readDataSet } from './dataset.js';
import { failureOf } from './testing/failure.js';
import type { FileOptions, Values } from './testing/file.js';
import { dicomFile, imageValues, words } from './testing/file.js';
import { BIG_ENDIAN, DEFLATED, IMPLICIT_LITTLE_ENDIAN } from './transfer-syntax.js';

const RAMP = [0, 1, 255, 256, 4095, 65535];

async function samplesOf(file: Uint8Array, frame = 1): Promise<number[]> {
  return [...(await openDicom(file, 'x').frame(frame))];
}

describe('openDicom', () => {
  it('reads one image in every encoding of data sets, with and without preamble and header', async () => {
    const values = imageValues(3, 2, { Modality: 'DX', ViewPosition: 'PA', PixelData: words(RAMP) });
    const options: FileOptions[] = [
      {},
      { without: 'preamble' },
      { without: 'header' },
      { transferSyntax: IMPLICIT_LITTLE_ENDIAN },
      { transferSyntax: IMPLICIT_LITTLE_ENDIAN, without: 'header' },
      { transferSyntax: DEFLATED },
    ];
    for (const option of options) {
      const image = openDicom(dicomFile(values, option), 'x');
      expect([...(await image.frame(1))], JSON.stringify(option)).toEqual(RAMP);
      expect(image.dataSet.string('ViewPosition')).toBe('PA');
    }
    const swapped = { ...values, PixelData: Uint8Array.from(RAMP.flatMap((value) => [value >> 8, value & 255])) };
    expect(await samplesOf(dicomFile(swapped, { transferSyntax: BIG_ENDIAN }))).toEqual(RAMP);
    expect(await samplesOf(dicomFile(swapped, { transferSyntax: BIG_ENDIAN, without: 'header' }))).toEqual(RAMP);
  });

  it('turns around big-endian words of two 8-bit samples, and only words', async () => {
    const values = imageValues(4, 1, {
      BitsAllocated: [8],
      BitsStored: [8],
      HighBit: [7],
      PixelData: Uint8Array.of(2, 1, 4, 3),
    });
    expect(await samplesOf(dicomFile(values, { transferSyntax: BIG_ENDIAN }))).toEqual([1, 2, 3, 4]);
    expect(await samplesOf(dicomFile(values, { transferSyntax: BIG_ENDIAN, representation: 'OB' }))).toEqual([
      2, 1, 4, 3,
    ]);
  });

  it('unpacks single bits, lowest first, where a frame begins within a byte', async () => {
    const values = imageValues(3, 1, {
      BitsAllocated: [1],
      BitsStored: [1],
      HighBit: [0],
      NumberOfFrames: [2],
      PixelData: Uint8Array.of(0b101110, 0),
    });
    expect(await samplesOf(dicomFile(values), 1)).toEqual([0, 1, 1]);
    expect(await samplesOf(dicomFile(values), 2)).toEqual([1, 0, 1]);
  });

  it('gives signed and 32-bit samples their values', async () => {
    const signed = imageValues(2, 1, { PixelRepresentation: [1], PixelData: words([-1, -32768]) });
    expect(await samplesOf(dicomFile(signed))).toEqual([-1, -32768]);
    const wide = imageValues(1, 1, {
      BitsAllocated: [32],
      BitsStored: [32],
      HighBit: [31],
      PixelData: Uint8Array.of(1, 2, 3, 255),
    });
    expect(await samplesOf(dicomFile(wide))).toEqual([0xff030201]);
    const floats = imageValues(1, 1, {
      BitsAllocated: [32],
      BitsStored: [32],
      HighBit: [31],
      FloatPixelData: new Uint8Array(Float32Array.of(-1.5).buffer),
    });
    expect(await samplesOf(dicomFile(floats))).toEqual([-1.5]);
  });

  it('interleaves planes and gives shared colours to both pixels', async () => {
    const colour = { SamplesPerPixel: [3], BitsAllocated: [8], BitsStored: [8], HighBit: [7] };
    const planes = imageValues(2, 1, {
      ...colour,
      PhotometricInterpretation: 'RGB',
      PlanarConfiguration: [1],
      PixelData: Uint8Array.of(1, 4, 2, 5, 3, 6),
    });
    expect(await samplesOf(dicomFile(planes))).toEqual([1, 2, 3, 4, 5, 6]);
    const shared = imageValues(2, 1, {
      ...colour,
      PhotometricInterpretation: 'YBR_FULL_422',
      PixelData: Uint8Array.of(1, 4, 2, 3),
    });
    expect(await samplesOf(dicomFile(shared))).toEqual([1, 2, 3, 4, 2, 3]);
  });

  it('tells by the length whether colours are shared, where they are said to be', async () => {
    const three = { SamplesPerPixel: [3], BitsAllocated: [8], BitsStored: [8], HighBit: [7] };
    const open = (columns: number, PixelData: Uint8Array, more: Values = {}): Promise<number[]> =>
      samplesOf(
        dicomFile(imageValues(columns, 1, { ...three, PhotometricInterpretation: 'YBR_FULL_422', PixelData, ...more })),
      );
    const full = [1, 2, 3, 4, 5, 6];
    expect(await open(2, Uint8Array.from(full))).toEqual(full);
    expect(await open(2, Uint8Array.of(1, 4, 2, 5, 3, 6), { PlanarConfiguration: [1] })).toEqual(full);
    expect(await open(3, Uint8Array.from([...full, 7, 8, 9]))).toEqual([...full, 7, 8, 9]);
    for (const PhotometricInterpretation of ['YBR_FULL_422', 'YBR_PARTIAL_422'])
      expect(await open(2, Uint8Array.of(1, 4, 2, 3), { PhotometricInterpretation })).toEqual([1, 2, 3, 4, 2, 3]);
    const wide = { BitsAllocated: [16], BitsStored: [16], HighBit: [15] };
    expect(await open(2, words([1000, 4000, 2000, 3000]), wide)).toEqual([1000, 2000, 3000, 4000, 2000, 3000]);
    const frames = { NumberOfFrames: [2] };
    expect(await open(2, Uint8Array.of(9, 9, 9, 9, 1, 4, 2, 3), frames)).toEqual([9, 9, 9, 9, 9, 9]);
    expect(await open(2, Uint8Array.from([...full, ...full]), frames)).toEqual(full);
    const refused: readonly (readonly [number, number, Values, RegExp])[] = [
      [4, 10, {}, /its pixel data have 10 bytes, not 8 .* nor 12/],
      [4, 6, {}, /its pixel data have 6 bytes, not 8/],
      [3, 6, {}, /a row has 3 pixels/],
      [2, 4, { PlanarConfiguration: [1] }, /plane by plane/],
      [2, 4, { PhotometricInterpretation: 'YBR_FULL' }, /have 4 of 6 bytes: it is truncated/],
    ];
    for (const [columns, length, more, message] of refused)
      expect((await failureOf(() => open(columns, new Uint8Array(length), more))).message).toMatch(message);
  });

  it('gives the frame that is asked for, and names one that is not there', async () => {
    const file = dicomFile(imageValues(1, 1, { NumberOfFrames: [3], PixelData: words([7, 8, 9]) }));
    expect(await samplesOf(file, 3)).toEqual([9]);
    for (const frame of [0, 4, 1.5, NaN])
      expect((await failureOf(() => openDicom(file, 'x').frame(frame))).message).toBe(
        `x: it has no frame ${frame}: there are 3`,
      );
  });

  it('reads back any words of any size', async () => {
    const images = fc.array(fc.nat(65535), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(images, async (values) => {
        const file = dicomFile(imageValues(values.length, 1, { PixelData: words(values) }));
        expect(await samplesOf(file)).toEqual(values);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses sizes beyond the data at once, whatever the encoding', async () => {
    const lies = imageValues(65535, 65535, { NumberOfFrames: [9999] });
    const large = imageValues(16000, 16000, { NumberOfFrames: [9999] });
    for (const values of [lies, large]) {
      for (const syntax of [
        '1.2.840.10008.1.2.1',
        '1.2.840.10008.1.2.5',
        '1.2.840.10008.1.2.4.50',
        '1.2.840.10008.1.2.4.80',
        '1.2.840.10008.1.2.4.90',
      ]) {
        const native = syntax.endsWith('.2.1');
        const file = native
          ? dicomFile({ ...values, PixelData: words(RAMP) })
          : dicomFile({ ...values, NumberOfFrames: [1] }, { transferSyntax: syntax, fragments: [new Uint8Array(500)] });
        const started = performance.now();
        expect((await failureOf(async () => openDicom(file, 'x').frame(1))).code).toBe('data');
        expect(performance.now() - started).toBeLessThan(500);
      }
    }
  });

  it('says what is missing, wrong or not read', async () => {
    const pixels = { PixelData: words(RAMP) };
    const cases: readonly (readonly [Uint8Array, RegExp])[] = [
      [new Uint8Array(200), /this is not a DICOM file/],
      [dicomFile(imageValues(3, 2)), /it holds no pixel data/],
      [dicomFile(imageValues(3, 2, pixels)).subarray(0, -2), /truncated/],
      [dicomFile(imageValues(3, 3, pixels)), /its pixel data have 12 of 18 bytes/],
      [dicomFile(imageValues(3, 2, { ...pixels, Rows: [] })), /Rows is missing/],
      [dicomFile(imageValues(3, 2, { ...pixels, Columns: [0] })), /Columns "0" is not a whole number from 1/],
      [dicomFile(imageValues(3, 2, { ...pixels, BitsAllocated: [24] })), /24 bits/],
      [dicomFile(imageValues(3, 2, { ...pixels, BitsStored: [17] })), /BitsStored/],
      [dicomFile(imageValues(3, 2, { ...pixels, NumberOfFrames: 'many' })), /NumberOfFrames/],
      [
        dicomFile(imageValues(3, 2, pixels), { transferSyntax: '1.2.840.10008.1.2.4.100' }),
        /1\.2\.840\.10008\.1\.2\.4\.100 \(unknown\) is not supported/,
      ],
      [dicomFile(imageValues(3, 2, pixels), { transferSyntax: 'Doe^Jane' }), /: its transfer syntax is not a UID$/],
      [dicomFile(imageValues(3, 2, pixels), { transferSyntax: '1.2.840.10008.1.2.4.70' }), /not in fragments/],
    ];
    for (const [file, message] of cases) {
      const failure = await failureOf(async () => openDicom(file, 'x').frame(1));
      expect(failure.message).toMatch(message);
      expect(failure.issues).toHaveLength(1);
    }
  });
});

describe('readDataSet', () => {
  it('reads sequences, several values and text in its character set, in every encoding', () => {
    const values = {
      SpecificCharacterSet: 'ISO_IR 192',
      WindowCenter: '40\\-600.5',
      ContentSequence: [
        { TextValue: 'Größe \\ x', GraphicData: [1.5, -2] },
        { ContentSequence: [{ CodeValue: ' 7 ' }] },
      ],
      DimensionIndexValues: [1, 70000],
    };
    for (const transferSyntax of ['1.2.840.10008.1.2.1', IMPLICIT_LITTLE_ENDIAN, BIG_ENDIAN, DEFLATED]) {
      const dataSet = readDataSet(dicomFile(values, { transferSyntax }), 'x');
      expect(dataSet.transferSyntax).toBe(transferSyntax);
      expect(dataSet.numbers('WindowCenter')).toEqual([40, -600.5]);
      expect(dataSet.numbers('DimensionIndexValues')).toEqual([1, 70000]);
      const [first, second] = dataSet.items('ContentSequence');
      expect(first?.string('TextValue')).toBe('Größe \\ x');
      expect(first?.numbers('GraphicData')).toEqual([1.5, -2]);
      expect(second?.items('ContentSequence')[0]?.string('CodeValue')).toBe('7');
      expect(dataSet.has('Rows')).toBe(false);
      expect(dataSet.number('Rows')).toBeUndefined();
      expect(dataSet.stopped).toBeUndefined();
    }
  });

  it('keeps what stands before the damage', () => {
    const whole = dicomFile({ Modality: 'MG', ContentSequence: [{ TextValue: 'text' }] });
    const dataSet = readDataSet(whole.subarray(0, -4), 'x');
    expect(dataSet.string('Modality')).toBe('MG');
    expect(dataSet.stopped).toMatch(/truncated/);
  });
});
