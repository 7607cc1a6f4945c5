import { describe, expect, it } from 'vitest';
import { openDicom } from './open.js';
import { isDicom } from './recognise.js';
import { failureOf } from './testing/failure.js';
import type { FileOptions } from './testing/file.js';
import { dicomFile, imageValues, words } from './testing/file.js';
import { BIG_ENDIAN, DEFLATED, EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN } from './transfer-syntax.js';

const SYNTAXES = [EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN, BIG_ENDIAN];
/** A palindrome of bytes: its words are the same in either order. */
const WORD = 0x0707;

describe('headers', () => {
  const cases: FileOptions[] = SYNTAXES.flatMap((transferSyntax) => [
    { transferSyntax },
    { transferSyntax, without: 'preamble' },
    { transferSyntax, without: 'header' },
    { transferSyntax, without: 'meta' },
    { transferSyntax, implicitHeader: true },
    { transferSyntax, implicitHeader: true, without: 'preamble' },
  ]);
  it.each([...cases, { transferSyntax: DEFLATED, implicitHeader: true }])('are read: %j', async (options) => {
    const values = imageValues(2, 1, { ImageType: 'ORIGINAL', Modality: 'DX', PixelData: words([WORD, 0]) });
    const file = dicomFile(values, options);
    // What a walk over a folder sees.
    expect(isDicom(file.subarray(0, 132))).toBe(true);
    const image = openDicom(file, 'x');
    expect([...(await image.frame(1))]).toEqual([WORD, 0]);
    expect(image.dataSet.transferSyntax).toBe(options.transferSyntax);
  });

  it('may lack the transfer syntax, but not where pixel data are compressed', async () => {
    // (0002,0010) becomes (0002,0012).
    const unnamed = (file: Uint8Array): Uint8Array => {
      file[132 + 12 + 2] = 0x12;
      return file;
    };
    const values = imageValues(1, 1, { PixelData: words([5]) });
    for (const transferSyntax of [EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN])
      expect([...(await openDicom(unnamed(dicomFile(values, { transferSyntax })), 'x').frame(1))]).toEqual([5]);
    const options = { transferSyntax: '1.2.840.10008.1.2.4.70', fragments: [new Uint8Array(8)] };
    const failure = await failureOf(() => openDicom(unnamed(dicomFile(imageValues(1, 1), options)), 'x'));
    expect(failure.message).toBe('x: its pixel data are compressed, but its header does not name the transfer syntax');
  });

  it('may state the other byte order, or explicit for implicit', async () => {
    const values = imageValues(2, 1, { Modality: 'DX', PixelData: words([WORD, 0]) });
    for (const actual of SYNTAXES)
      for (const transferSyntax of SYNTAXES) {
        const header = dicomFile(values, { transferSyntax }).subarray(
          0,
          -dicomFile(values, { transferSyntax, without: 'header' }).length,
        );
        const file = Buffer.concat([header, dicomFile(values, { transferSyntax: actual, without: 'header' })]);
        const image = openDicom(file, 'x');
        expect([...(await image.frame(1)), image.dataSet.string('Modality')]).toEqual([WORD, 0, 'DX']);
      }
  });

  it('that are cut off are refused', async () => {
    for (const implicitHeader of [false, true]) {
      const file = dicomFile(imageValues(1, 1), { implicitHeader });
      for (const length of [133, 140, 150, 160])
        expect((await failureOf(() => openDicom(file.subarray(0, length), 'x'))).message).toMatch(/is truncated/);
    }
  });
});

describe('isDicom', () => {
  it('takes no other file for one', () => {
    const others: (string | number[])[] = [
      [0x5c, 1, 0, 0, ...Array.from({ length: 344 }, () => 0)],
      'BM\x36\x84\x03\0\0\0\0\0\x36\0\0\0\x28\0\0\0',
      '\x93NUMPY\x01\0v\0{descr',
      '\x1f\x8b\x08\0\0\0\0\0\0\x03abcdefgh',
      'NRRD0004\ntype: short\n',
      'PK\x03\x04\x14\0\0\0\x08\0abcdefgh',
      '\x89PNG\r\n\x1a\n\0\0\0\rIHDR',
      'II*\0\x08\0\0\0\x10\0\0\x01',
      'ObjectType = Image\nNDims = 3\n',
      // Small little-endian words, as raw images have.
      Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? (i * 7) % 23 : 0)),
      Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 8 : 0)),
      Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 2 : 0)),
      Array.from({ length: 200 }, (_, i) => (i % 4 === 0 ? 8 : 0)),
      Array.from({ length: 200 }, (_, i) => (i % 4 === 0 ? 2 : 0)),
      Array.from({ length: 400 }, () => 0),
      [],
    ];
    for (const other of others) {
      const bytes = typeof other === 'string' ? Buffer.from(other.padEnd(64, '\0'), 'latin1') : Uint8Array.from(other);
      expect(isDicom(bytes), JSON.stringify(other)).toBe(false);
    }
  });
});
