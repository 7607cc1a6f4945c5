import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { dicomFile, imageValues, words } from '../dicom/testing/file.js';
import { BIG_ENDIAN } from '../dicom/transfer-syntax.js';
import { describeStored } from './describe.js';
import { failureOf, flatPgm, greyPng } from './testing/files.js';

function digest(samples: Uint8Array | Uint16Array): string {
  return createHash('sha256').update(samples).digest('hex');
}

describe('describeStored', () => {
  it('describes grey of 8 and 16 bits', async () => {
    const wide = Uint16Array.of(1, 40000, 65535, 7, 8, 9);
    expect(await describeStored(await greyPng(wide, 3, 2), 'x')).toEqual({
      format: 'png',
      transferSyntax: undefined,
      shape: [2, 3],
      dtype: 'uint16',
      bitsStored: 16,
      min: 1,
      max: 65535,
      sha256: digest(wide),
      sha256Native: digest(wide),
    });
    const narrow = await describeStored(flatPgm(4, 2, 9), 'x');
    expect(narrow).toMatchObject({ format: 'pgm', shape: [2, 4], dtype: 'uint8', bitsStored: 8, min: 9, max: 9 });
    expect(narrow.sha256).toBe(digest(new Uint8Array(8).fill(9)));
    const twelve = new TextEncoder().encode('P2 2 1 4095 0 4095');
    expect(await describeStored(twelve, 'x')).toMatchObject({ dtype: 'uint16', bitsStored: 12, max: 4095 });
  });

  it('keeps colours, their depth and alpha', async () => {
    for (const channels of [3, 4] as const) {
      const pixels = Uint8Array.from({ length: 2 * channels }, (_, i) => 20 * i);
      const png = await sharp(pixels, { raw: { width: 2, height: 1, channels } })
        .png()
        .toBuffer();
      expect(await describeStored(png, 'x')).toMatchObject({ shape: [1, 2, channels], sha256: digest(pixels) });
    }
    const wide = Uint16Array.of(1, 300, 65535);
    const png = await sharp(wide, { raw: { width: 1, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect(await describeStored(png, 'x')).toMatchObject({ shape: [1, 1, 3], dtype: 'uint16', sha256: digest(wide) });
  });

  it('describes all frames of DICOM, in the byte order of its type', async () => {
    const samples = Uint16Array.of(1, 2, 3, 256);
    const values = imageValues(2, 1, { NumberOfFrames: [2], BitsStored: [12], HighBit: [11] });
    expect(await describeStored(dicomFile({ ...values, PixelData: words(samples) }), 'x')).toEqual({
      format: 'dicom',
      transferSyntax: { uid: '1.2.840.10008.1.2.1', name: 'Explicit VR Little Endian' },
      shape: [2, 1, 2],
      dtype: 'uint16',
      bitsStored: 12,
      min: 1,
      max: 256,
      sha256: digest(samples),
      sha256Native: digest(samples),
    });
    const swapped = samples.map((value) => ((value & 255) << 8) | (value >> 8));
    const big = dicomFile({ ...values, PixelData: words(swapped) }, { transferSyntax: BIG_ENDIAN });
    const described = await describeStored(big, 'x');
    expect(described).toMatchObject({ dtype: '>u2', max: 256, sha256: digest(swapped), sha256Native: digest(samples) });
  });

  it('fails as decoding does', async () => {
    for (const bytes of [
      new Uint8Array(),
      new TextEncoder().encode('text'),
      flatPgm(4, 4).subarray(0, -1),
      new Uint8Array(200),
    ])
      expect((await failureOf(() => describeStored(bytes, 'x'))).code).toBe('data');
  });
});
