import { describe, expect, it } from 'vitest';
import { readDataSet } from './dataset.js';
import { describeDicom } from './describe.js';
import type { Keyword } from './dictionary.js';
import type { GreyFrame } from './grey.js';
import { greyFrame } from './grey.js';
import { openDicom } from './open.js';
import { failureOf } from './testing/failure.js';
import type { FileOptions, Value, Values } from './testing/file.js';
import { dicomFile, imageValues, words } from './testing/file.js';
import { IMPLICIT_LITTLE_ENDIAN } from './transfer-syntax.js';

async function grey(values: Values, options: FileOptions = {}, frame = 1): Promise<GreyFrame> {
  return greyFrame(openDicom(dicomFile(values, options), 'x'), frame, 'x');
}

/** An image of one row, of 16-bit words. */
const image = (samples: readonly number[], more: Values = {}): Values =>
  imageValues(samples.length, 1, { PixelData: words(samples), ...more });

describe('numbers that cannot be read', () => {
  it.each<[Keyword, Value, string]>([
    ['RescaleSlope', '2,0', '"2,0" is not a number'],
    ['RescaleSlope', '2.0 HU', '"2.0 HU" is not a number'],
    ['RescaleSlope', '2.0\0\0junk', 'is not a number'],
    ['RescaleSlope', 'NaN', '"NaN" is not a number'],
    ['RescaleSlope', '-inf', '"-inf" is not a number'],
    ['RescaleSlope', '1e999', '"1e999" is not a number'],
    ['RescaleSlope', '0x10', '"0x10" is not a number'],
    ['RescaleSlope', '1 000', '"1 000" is not a number'],
    ['RescaleSlope', '0', '"0" would give all pixels the same value'],
    ['RescaleSlope', '0.0', '"0.0" would give all pixels the same value'],
    ['RescaleSlope', '1\\2', '"1\\2" has several values where one is expected'],
    ['RescaleIntercept', '-1024,5', '"-1024,5" is not a number'],
    ['RescaleIntercept', '--5', '"--5" is not a number'],
    ['WindowCenter', '40;5', 'is not a number'],
    ['WindowCenter', '40\\5O', '"40\\5O" has a value that is not a number'],
    ['WindowWidth', '4OO', '"4OO" is not a number'],
    ['Rows', [0], '"0" is not a whole number from 1 to 65535'],
    ['Columns', [1, 1], '"1\\1" has several values where one is expected'],
    ['NumberOfFrames', 'one', 'is not a number'],
    ['NumberOfFrames', '1.5', '"1.5" is not a whole number from 1 to 2147483647'],
    ['NumberOfFrames', '-1', '"-1" is not a whole number from 1 to 2147483647'],
    ['PixelRepresentation', [2], '"2" is not a whole number from 0 to 1'],
    ['BitsStored', [17], '"17" is not a whole number from 1 to 16'],
  ])('are an error that names them: %s of %j', async (keyword, value, fault) => {
    const broken = { ...image([1]), WindowWidth: '1', WindowCenter: '1', [keyword]: value };
    const failure = await failureOf(() => grey(broken));
    expect(failure.code).toBe('data');
    expect(failure.message).toContain(`x: its attribute ${keyword}`);
    expect(failure.message.endsWith(fault), failure.message).toBe(true);
    expect(failure.hint).toMatch(/^Correct the attribute/);
  });

  it.each<[Keyword, Value, RegExp]>([
    ['LUTDescriptor', [2, 0], /LUTDescriptor "2\\0" is not three numbers of 16 bits$/],
    ['LUTDescriptor', [2, 0, 0], /LUTDescriptor "2\\0\\0" says that entries have 0 bits$/],
    ['LUTDescriptor', [2, 0, 17], /says that entries have 17 bits$/],
    ['LUTDescriptor', [3, 0, 16], /says that there are 3 entries, of which 2 are there$/],
    ['LUTDescriptor', [], /LUTDescriptor is not three numbers/],
    ['LUTData', new Uint8Array(), /there are 2 entries, of which 0 are there$/],
  ])('are one in tables too: %s of %j', async (keyword, value, message) => {
    const table = { LUTDescriptor: [2, 0, 16], LUTData: words([1, 2]), [keyword]: value };
    for (const place of ['ModalityLUTSequence', 'VOILUTSequence'] as const)
      expect((await failureOf(() => grey(image([1], { [place]: [table] })))).message).toMatch(message);
  });

  it('are an error too where a file is described', async () => {
    for (const values of [
      { RescaleSlope: '2,0' },
      { WindowWidth: 'x', WindowCenter: '1' },
      { PixelPaddingValue: [1, 2] },
    ])
      expect((await failureOf(() => describeDicom(dicomFile(image([1], values)), 'x'))).message).toMatch(
        /^x: its attribute (RescaleSlope|WindowWidth|PixelPaddingValue) /,
      );
    expect((await describeDicom(dicomFile(image([1], { RescaleSlope: '2' })), 'x')).max).toBe(1);
  });

  it('are errors wherever they stand, and say nothing that may be a name', async () => {
    const groups = {
      SharedFunctionalGroupsSequence: [{ PixelValueTransformationSequence: [{ RescaleSlope: 'Doe^J' }] }],
    };
    expect((await failureOf(() => grey(image([1], groups)))).message).toBe(
      'x: its attribute RescaleSlope is not a number',
    );
  });

  it('are not those that are padded, empty, or written at length', async () => {
    for (const [slope, value] of [
      [' 2 ', 6],
      ['2\0', 6],
      ['+2.', 6],
      ['.2e+1', 6],
      ['2.0000000000000000000', 6],
      ['2\\', 6],
      ['', 3],
      ['  ', 3],
    ] as const)
      expect([...(await grey(image([3], { RescaleSlope: slope }))).pixels], slope).toEqual([value]);
    expect([...(await grey(image([3], { NumberOfFrames: ' 1.0 ' }))).pixels]).toEqual([3]);
    expect((await grey(image([3], { WindowCenter: '40\\\\50', WindowWidth: '9\\9\\9' }))).windows).toEqual([
      { kind: 'linear', center: 40, width: 9 },
      { kind: 'linear', center: 50, width: 9 },
    ]);
    expect((await grey(image([3], { WindowCenter: '', WindowWidth: '' }))).windows).toEqual([]);
  });

  it('may be stated in another representation than the standard has', async () => {
    // (0028,1053) as FD, (0028,0010) as IS.
    const slope = Buffer.concat([
      Uint8Array.of(0x28, 0, 0x53, 0x10, 0x46, 0x44, 8, 0),
      new Uint8Array(Float64Array.of(2.5).buffer),
    ]);
    const rows = Uint8Array.of(0x28, 0, 0x10, 0, 0x49, 0x53, 2, 0, 0x31, 0x20);
    const { Rows: _, ...values } = image([4]);
    expect([...(await grey(values, { first: Buffer.concat([slope, rows]) })).pixels]).toEqual([10]);
    const nan = slope.slice();
    nan.set(new Uint8Array(Float64Array.of(NaN).buffer), 8);
    expect((await failureOf(() => grey(image([4]), { first: nan }))).message).toMatch(
      /RescaleSlope "NaN" is not a number/,
    );
  });

  it('are those of half a value', async () => {
    const dataSet = readDataSet(dicomFile({ DimensionIndexValues: Uint8Array.of(1, 0, 0, 0, 2, 0) }), 'x');
    expect((await failureOf(() => dataSet.number('DimensionIndexValues'))).message).toBe(
      'x: its attribute DimensionIndexValues is of 6 bytes, which no UL is',
    );
  });

  it('stop a reference to a frame from being one to all frames', async () => {
    const dataSet = readDataSet(dicomFile({ ReferencedFrameNumber: '2nd' }), 'x');
    expect((await failureOf(() => dataSet.numbers('ReferencedFrameNumber'))).message).toMatch(/"2nd" is not a number/);
  });
});

/** The element (GGGG,EEEE) with words as SS, where the dictionary writes US. */
function asSigned(file: Uint8Array, group: number, element: number): Uint8Array {
  const at = Buffer.from(file).indexOf(Buffer.from([group & 255, group >> 8, element & 255, element >> 8, 0x55, 0x53]));
  expect(at).toBeGreaterThan(0);
  file.set([0x53, 0x53], at + 4);
  return file;
}

describe('values of US or SS', () => {
  const variants = (values: Values, element: number): Uint8Array[] => [
    dicomFile(values),
    asSigned(dicomFile(values), 0x28, element),
    dicomFile(values, { transferSyntax: IMPLICIT_LITTLE_ENDIAN }),
  ];
  const read = async (file: Uint8Array): Promise<GreyFrame> => greyFrame(openDicom(file, 'x'), 1, 'x');

  it('take the sign of the pixels, whatever is stated: of padding and its limit', async () => {
    for (const [element, other] of [
      ['PixelPaddingValue', 'PixelPaddingRangeLimit'],
      ['PixelPaddingRangeLimit', 'PixelPaddingValue'],
    ] as const) {
      const number = element === 'PixelPaddingValue' ? 0x120 : 0x121;
      const large = image([40000, 50000, 39999, 7], { [element]: [40000], [other]: [50000] });
      for (const file of variants(large, number)) expect([...(await read(file)).pixels]).toEqual([NaN, NaN, 39999, 7]);
      const signed = { PixelRepresentation: [1], [element]: [-2000], [other]: [-1990] };
      const negative = image([-2000, -1990, -2001, 7], signed);
      for (const file of variants(negative, number))
        expect([...(await read(file)).pixels]).toEqual([NaN, NaN, -2001, 7]);
    }
  });

  it("take the sign of the pixels: of a modality table's first value", async () => {
    const table = (first: number): Values => ({
      ModalityLUTSequence: [{ LUTDescriptor: [2, first, 16], LUTData: words([100, 200]) }],
    });
    for (const file of variants(image([39999, 40000, 40001], table(40000)), 0x3002))
      expect([...(await read(file)).pixels]).toEqual([100, 100, 200]);
    const signed = image([-3, -2, 5], { PixelRepresentation: [1], ...table(-3) });
    for (const file of variants(signed, 0x3002)) expect([...(await read(file)).pixels]).toEqual([100, 200, 200]);
  });

  it("take the sign of what the modality transformation gives: of a VOI table's first value", async () => {
    // PS3.3 C.11.2.1.1: signed where values after the rescale may be; unsigned after a modality table.
    const voi = (first: number): Values => ({
      VOILUTSequence: [{ LUTDescriptor: [2, first, 16], LUTData: words([100, 200]) }],
    });
    const firstOf = async (values: Values): Promise<(number | undefined)[]> =>
      Promise.all(
        variants(values, 0x3002).map(async (file) => {
          const [table] = (await read(file)).windows;
          return table?.kind === 'table' ? table.first : undefined;
        }),
      );
    const three = (first: number): number[] => [first, first, first];
    expect(await firstOf(image([1], voi(40000)))).toEqual(three(40000));
    expect(await firstOf(image([1], { PixelRepresentation: [1], ...voi(-5) }))).toEqual(three(-5));
    // 12 bits, -1024 to 3071.
    const hounsfield: Values = { BitsStored: [12], HighBit: [11], RescaleIntercept: '-1024', RescaleSlope: '1' };
    expect(await firstOf(image([1], { ...hounsfield, ...voi(-1000) }))).toEqual(three(-1000));
    // -32768 + 32768 and above.
    const raised: Values = { PixelRepresentation: [1], RescaleIntercept: '32768', RescaleSlope: '1' };
    expect(await firstOf(image([1], { ...raised, ...voi(40000) }))).toEqual(three(40000));
  });

  it("take the sign of the pixels: of a palette's first value", async () => {
    const palette = (first: number): Values =>
      Object.fromEntries(
        ['Red', 'Green', 'Blue'].flatMap((name) => [
          [`${name}PaletteColorLookupTableDescriptor`, [2, first, 16]],
          [`${name}PaletteColorLookupTableData`, words([1000, 2000])],
        ]),
      );
    const values = image([39999, 40001], { PhotometricInterpretation: 'PALETTE COLOR', ...palette(40000) });
    const files = variants(values, 0x1101);
    for (const file of files) expect([...(await read(file)).pixels]).toEqual([1000, 2000]);
  });
});

describe('whoever states a transformation ends the search', () => {
  const IDENTITY: Values = { RescaleSlope: '1', RescaleIntercept: '0' };
  const RESCALE: Values = { RescaleSlope: '2', RescaleIntercept: '-1024' };
  const TABLE: Values = { ModalityLUTSequence: [{ LUTDescriptor: [2, 0, 16], LUTData: words([50, 60]) }] };
  const frame = (item: Values): Values => ({
    PerFrameFunctionalGroupsSequence: [{ PixelValueTransformationSequence: [item] }],
  });
  const shared = (item: Values): Values => ({
    SharedFunctionalGroupsSequence: [{ PixelValueTransformationSequence: [item] }],
  });
  it.each<[string, Values, number]>([
    ["a frame's identity", { ...frame(IDENTITY), ...shared(RESCALE), ...RESCALE }, 1],
    ["a frame's identity over a table", { ...frame(IDENTITY), ...shared(TABLE), ...TABLE }, 1],
    ['the shared identity', { ...shared(IDENTITY), ...RESCALE }, 1],
    ["a frame's slope alone", { ...frame({ RescaleSlope: '1' }), ...RESCALE }, 1],
    ["a frame's table", { ...frame(TABLE), ...RESCALE }, 60],
    ['the outer one, where a frame states none', { ...frame({}), ...shared({}), ...RESCALE }, -1022],
    ['the shared one, where a frame states it empty', { ...frame({ RescaleSlope: '' }), ...shared(RESCALE) }, -1022],
    ['a table before the rescale beside it', { ...TABLE, ...RESCALE }, 60],
  ])('%s', async (_, values, expected) => {
    expect([...(await grey(image([1], values))).pixels]).toEqual([expected]);
  });

  it('windows too, be they such that cannot be', async () => {
    const voi = (item: Values): Values => ({ PerFrameFunctionalGroupsSequence: [{ FrameVOILUTSequence: [item] }] });
    const outer: Values = { WindowCenter: '40', WindowWidth: '400' };
    const of = async (item: Values) => (await grey(image([1], { ...voi(item), ...outer }))).windows;
    expect(await of({ WindowCenter: '9', WindowWidth: '8' })).toEqual([{ kind: 'linear', center: 9, width: 8 }]);
    expect(await of({ WindowCenter: '0', WindowWidth: '0' })).toEqual([]);
    expect(await of({})).toEqual([{ kind: 'linear', center: 40, width: 400 }]);
  });
});
