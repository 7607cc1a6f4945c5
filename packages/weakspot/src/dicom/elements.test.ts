import { describe, expect, it } from 'vitest';
import type { DicomDataSet } from './dataset.js';
import { readDataSet } from './dataset.js';
import type { Keyword } from './dictionary.js';
import { greyFrame } from './grey.js';
import { openDicom } from './open.js';
import type { FileOptions, Values } from './testing/file.js';
import { dicomFile, imageValues, words } from './testing/file.js';
import { BIG_ENDIAN, EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN } from './transfer-syntax.js';

const RESCALED: Values = {
  SharedFunctionalGroupsSequence: [
    {
      PixelValueTransformationSequence: [{ RescaleSlope: '2', RescaleIntercept: '-1024' }],
      FrameVOILUTSequence: [{ WindowCenter: '500', WindowWidth: '2000' }],
    },
  ],
};

async function pixelsOf(values: Values, options: FileOptions = {}): Promise<number[]> {
  const swapped = options.transferSyntax === BIG_ENDIAN;
  const samples = [1, 700];
  const PixelData = swapped ? Uint8Array.from(samples.flatMap((value) => [value >> 8, value & 255])) : words(samples);
  const file = dicomFile(imageValues(2, 1, { ...values, PixelData }), options);
  return [...(await greyFrame(openDicom(file, 'x'), 1, 'x')).pixels];
}

/** Every way to write a data set whose writer did not know some of its sequences. */
const UNKNOWN: FileOptions[] = [EXPLICIT_LITTLE_ENDIAN, BIG_ENDIAN].flatMap((transferSyntax) =>
  [false, true].flatMap((delimited) =>
    [
      ['SharedFunctionalGroupsSequence'],
      ['PixelValueTransformationSequence', 'FrameVOILUTSequence'],
      ['RescaleSlope', 'WindowCenter'],
      ['SharedFunctionalGroupsSequence', 'Rows', 'BitsAllocated', 'PhotometricInterpretation', 'PixelRepresentation'],
    ].map((unknown) => ({ transferSyntax, delimited, unknown: unknown as Keyword[] })),
  ),
);

describe('what a writer did not know (UN)', () => {
  it.each(UNKNOWN)('is implicit little endian inside: %j', async (options) => {
    expect(await pixelsOf(RESCALED, options)).toEqual([-1022, 376]);
  });

  it('is read of tables and their words, in either byte order', async () => {
    const table = { LUTDescriptor: [2, 699, 16], LUTData: words([40000, 7]) };
    for (const transferSyntax of [EXPLICIT_LITTLE_ENDIAN, BIG_ENDIAN])
      for (const unknown of [['ModalityLUTSequence'], ['LUTDescriptor', 'LUTData']] as Keyword[][])
        expect(await pixelsOf({ ModalityLUTSequence: [table] }, { transferSyntax, unknown })).toEqual([40000, 7]);
  });

  it('is read of pixel data', async () => {
    const values = imageValues(2, 1, { PixelData: words([258, 3]) });
    for (const transferSyntax of [EXPLICIT_LITTLE_ENDIAN, BIG_ENDIAN]) {
      const image = openDicom(dicomFile(values, { transferSyntax, unknown: ['PixelData'] }), 'x');
      expect([...(await image.frame(1))]).toEqual([258, 3]);
    }
  });

  it('is read of the content tree of a report', () => {
    const values: Values = {
      ContentSequence: [{ ValueType: 'CONTAINER', ContentSequence: [{ GraphicData: [1.5, 2], ValueType: 'SCOORD' }] }],
    };
    for (const transferSyntax of [EXPLICIT_LITTLE_ENDIAN, BIG_ENDIAN]) {
      const dataSet = readDataSet(dicomFile(values, { transferSyntax, unknown: ['ContentSequence'] }), 'x');
      const [graphic] = dataSet.items('ContentSequence')[0]?.items('ContentSequence') ?? [];
      expect(graphic?.numbers('GraphicData')).toEqual([1.5, 2]);
      expect(graphic?.string('ValueType')).toBe('SCOORD');
    }
  });

  it('may be explicit inside, against the standard; and items implicit where the data set is explicit', () => {
    // (0040,A730) UN with one item, which holds (0040,A040) CS "NUM".
    const item = [0x40, 0, 0x40, 0xa0, 0x43, 0x53, 4, 0, 0x4e, 0x55, 0x4d, 0x20];
    const implicit = [0x40, 0, 0x40, 0xa0, 4, 0, 0, 0, 0x4e, 0x55, 0x4d, 0x20];
    const sequence = (vr: string, content: readonly number[]): Uint8Array =>
      Buffer.concat([
        Uint8Array.of(0x40, 0, 0x30, 0xa7),
        Buffer.from(vr),
        Uint8Array.of(0, 0, 20, 0, 0, 0, 0xfe, 0xff, 0, 0xe0, 12, 0, 0, 0, ...content),
      ]);
    for (const first of [
      sequence('UN', item),
      sequence('UN', implicit),
      sequence('SQ', item),
      sequence('SQ', implicit),
    ]) {
      const dataSet = readDataSet(dicomFile({ Modality: 'SR' }, { first }), 'x');
      expect(dataSet.items('ContentSequence')[0]?.string('ValueType')).toBe('NUM');
      expect(dataSet.string('Modality')).toBe('SR');
    }
  });
});

/** A private element of a representation and its value of 8 bytes, little endian. */
function privateElement(vr: string): Uint8Array {
  const [a, b] = Buffer.from(vr) as unknown as [number, number];
  return Uint8Array.of(0x09, 0, 0x10, 0x10, a, b, 0, 0, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8);
}

describe('representations', () => {
  // ZZ stands for those that are still to come: PS3.5 7.1.2 gives them 32 bits of length.
  it.each(['UV', 'SV', 'OV', 'OL', 'OD', 'UC', 'UR', 'ZZ'])(
    'with 32 bits of length are passed over: %s',
    async (vr) => {
      for (const delimited of [false, true])
        expect(await pixelsOf(RESCALED, { first: privateElement(vr), delimited })).toEqual([-1022, 376]);
    },
  );

  it('that are none are passed over: short ones, and those of implicit elements', async () => {
    const short = Uint8Array.of(0x09, 0, 0x10, 0x10, 0x3f, 0x3f, 2, 0, 1, 2);
    const implicit = Uint8Array.of(0x09, 0, 0x10, 0x10, 2, 0, 0, 0, 1, 2);
    const future = Uint8Array.of(0x09, 0, 0x10, 0x10, 0x5a, 0x5a, 2, 0, 1, 2);
    for (const first of [short, future]) expect(await pixelsOf(RESCALED, { first })).toEqual([-1022, 376]);
    // An implicit one begins an item that is implicit, so it comes second.
    const name = Uint8Array.of(8, 0, 0x60, 0, 0x43, 0x53, 2, 0, 0x4d, 0x52);
    const first = Uint8Array.from([...name, ...implicit]);
    expect(await pixelsOf(RESCALED, { first })).toEqual([-1022, 376]);
  });

  it('of 64 bits are read', () => {
    const first = Uint8Array.of(0x28, 0, 0x10, 0, 0x55, 0x56, 0, 0, 8, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0);
    expect(readDataSet(dicomFile({ Columns: [3] }, { first }), 'x').number('Rows')).toBe(513);
  });
});

describe('damage', () => {
  const read = (file: Uint8Array): DicomDataSet => readDataSet(file, 'x');

  it('in a sequence stops reading there', () => {
    const file = dicomFile({ Modality: 'MG', ContentSequence: [{ TextValue: 'text' }], SegmentNumber: [1] });
    const at = Buffer.from(file).indexOf(Buffer.from([0xfe, 0xff, 0, 0xe0]));
    const noItem = file.slice();
    noItem[at] = 1;
    expect(read(noItem).stopped).toBe('its data set is damaged');
    const longItem = file.slice();
    longItem[at + 4] = 200;
    expect(read(longItem).stopped).toBe('its data set is truncated, or a length in it is wrong');
    for (const damaged of [noItem, longItem])
      expect([read(damaged).string('Modality'), read(damaged).has('ContentSequence')]).toEqual(['MG', false]);
  });

  it('of sequences that are nested without end is no crash', () => {
    const open = Buffer.from([0x40, 0, 0x30, 0xa7, 0x53, 0x51, 0, 0, 255, 255, 255, 255, 0xfe, 0xff, 0, 0xe0]);
    const nested = Buffer.concat(Array.from({ length: 20_000 }, () => Buffer.concat([open, Buffer.alloc(4, 255)])));
    const deep = Buffer.concat([dicomFile({ Modality: 'MG' }), nested]);
    expect(read(deep).stopped).toBe('its data set is damaged');
    expect(read(deep).string('Modality')).toBe('MG');
  });

  it('of an attribute that the end of the file cuts leaves it out, but keeps pixel data', () => {
    const file = dicomFile(imageValues(2, 1, { PixelData: words([1, 2]) }), { transferSyntax: IMPLICIT_LITTLE_ENDIAN });
    const cut = read(file.subarray(0, -2));
    expect([...(cut.bytes('PixelData') ?? [])]).toEqual([1, 0]);
    expect(cut.stopped).toMatch(/truncated/);
    const shorter = read(file.subarray(0, -13));
    expect(shorter.has('PixelRepresentation')).toBe(false);
    expect(shorter.number('HighBit')).toBe(15);
  });
});
