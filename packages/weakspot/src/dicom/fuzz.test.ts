import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random, WeakspotError } from '@weakspot/core';
import { describe, expect, it } from 'vitest';
import { describeDicom } from './describe.js';
import { greyFrame } from './grey.js';
import { openDicom } from './open.js';
import { encode } from './testing/codestreams.js';
import { dicomFile, imageValues, words } from './testing/file.js';
import { BIG_ENDIAN, DEFLATED, IMPLICIT_LITTLE_ENDIAN } from './transfer-syntax.js';

const zoo = join(import.meta.dirname, '../../../../../shared/data/dicom-zoo/pydicom/test_files');
const ZOO_FILES = [
  'JPEG2000.dcm',
  'JPEGLSNearLossless_16.dcm',
  'MR_small_RLE.dcm',
  'SC_rgb_small_odd_jpeg.dcm',
  'rtdose_rle_1frame.dcm',
  'test-SR.dcm',
];
/** Stands for what no message may repeat. */
const SECRET = 'Doe^Jane';
const PLACES = [0, 0xff, 0x7f, 0x80];
/** Milliseconds that a mutated file may take; a machine that is busy with other tests is slow. */
const LIMIT = 5000;

/** Small files of every encoding. */
async function seeds(): Promise<Uint8Array[]> {
  const pixels = Array.from({ length: 30 }, (_, i) => i * 130);
  const values = imageValues(6, 5, {
    PatientID: SECRET,
    BitsStored: [12],
    HighBit: [11],
    WindowCenter: '40\\50',
    WindowWidth: '400\\80',
    PixelPaddingValue: [9],
    VOILUTSequence: [{ LUTDescriptor: [2, 0, 16], LUTData: words([1, 2]) }],
    ModalityLUTSequence: [{ LUTDescriptor: [2, 0, 16], LUTData: words([1, 2]) }],
  });
  const native = [undefined, IMPLICIT_LITTLE_ENDIAN, BIG_ENDIAN, DEFLATED].map((transferSyntax) =>
    dicomFile({ ...values, PixelData: words(pixels) }, transferSyntax === undefined ? {} : { transferSyntax }),
  );
  const groups = {
    ...values,
    SharedFunctionalGroupsSequence: [
      { PixelValueTransformationSequence: [{ RescaleSlope: '2', RescaleIntercept: '-1' }] },
      { FrameVOILUTSequence: [{ WindowCenter: '40', WindowWidth: '400' }] },
    ],
    PixelData: words(pixels),
  };
  const nested = [
    dicomFile(groups, { delimited: true, unknown: ['SharedFunctionalGroupsSequence', 'VOILUTSequence', 'Rows'] }),
    dicomFile(groups, { transferSyntax: BIG_ENDIAN, unknown: ['PixelValueTransformationSequence'] }),
    dicomFile(groups, { implicitHeader: true, delimited: true }),
  ];
  const picture = {
    width: 6,
    height: 5,
    samplesPerPixel: 1,
    bitsAllocated: 16,
    bitsStored: 12,
    bytes: words(pixels),
  } as const;
  const syntaxes = [
    ['encodeJpeg', '1.2.840.10008.1.2.4.70'],
    ['encodeJpegLs', '1.2.840.10008.1.2.4.80'],
    ['encodeJpeg2000', '1.2.840.10008.1.2.4.90'],
    ['encodeHtJpeg2000', '1.2.840.10008.1.2.4.201'],
  ] as const;
  const compressed = await Promise.all(
    syntaxes.map(async ([encoder, transferSyntax]) => {
      const stream = await encode(encoder, picture);
      return dicomFile(
        { ...values, NumberOfFrames: [2] },
        { transferSyntax, fragments: [stream, stream], offsets: [] },
      );
    }),
  );
  const real = existsSync(zoo) ? ZOO_FILES.map((name) => new Uint8Array(readFileSync(join(zoo, name)))) : [];
  return [...native, ...nested, ...compressed, ...real];
}

function mutated(seed: Uint8Array, random: Random): Uint8Array {
  const bytes = seed.slice();
  for (let i = random.integer(6); i >= 0; i--) {
    const at = random.integer(bytes.length);
    bytes[at] = random.uniform() < 0.5 ? random.integer(256) : (PLACES[random.integer(PLACES.length)] as number);
  }
  return random.uniform() < 0.1 ? bytes.slice(0, random.integer(bytes.length)) : bytes;
}

/** What the call ends with: nothing or its error. */
async function failure(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('3,000 damaged DICOM files', () => {
  it('decode or give a clear error that says nothing of a person, in bounded time', async () => {
    const files = await seeds();
    const random = new Random(20, 'fuzz');
    const outcomes = { decoded: 0, refused: 0 };
    for (let i = 0; i < 3000; i++) {
      const bytes = mutated(files[i % files.length] as Uint8Array, random);
      const started = performance.now();
      const error = await failure(() =>
        i % 2 === 0
          ? describeDicom(bytes, 'x')
          : Promise.resolve().then(() => greyFrame(openDicom(bytes, 'x'), 1, 'x')),
      );
      expect(performance.now() - started).toBeLessThan(LIMIT);
      if (error === undefined) {
        outcomes.decoded++;
        continue;
      }
      if (!(error instanceof WeakspotError) || error.code !== 'data') throw error;
      outcomes.refused++;
      expect(JSON.stringify([error.message, error.hint, error.issues, String(error.cause)])).not.toContain(SECRET);
    }
    expect(outcomes.decoded).toBeGreaterThan(300);
    expect(outcomes.refused).toBeGreaterThan(300);
  });
});
