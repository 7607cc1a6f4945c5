import { createHash } from 'node:crypto';
import type { DicomImage } from './open.js';
import { checkAttributes } from './monochrome.js';
import { openDicom } from './open.js';
import type { Samples } from './samples.js';
import { swapBytes, typeName } from './samples.js';

/** The decoded samples of a file, before any lookup table or window. */
export interface StoredSamples {
  /** Of DICOM; undefined for other formats. */
  readonly transferSyntax: { readonly uid: string; readonly name: string } | undefined;
  /** As of the NumPy array: rows, columns; samples of a pixel last where there are several, frames first. */
  readonly shape: readonly number[];
  /** NumPy's name of the type; `>` before it where the file is of Explicit VR Big Endian, as `>i2`. */
  readonly dtype: string;
  readonly bitsStored: number;
  readonly min: number;
  readonly max: number;
  /** SHA-256 of the array in C order, in the byte order of `dtype`: what pydicom 2.3 with GDCM gives. */
  readonly sha256: string;
  /** The same in the byte order of the machine (little endian); differs from `sha256` only where `dtype` has a `>`. */
  readonly sha256Native: string;
}

/**
 * Describes the stored samples of all frames of a DICOM file; a frame at a time is in memory.
 *
 * @throws WeakspotError `data` as `openDicom` and its frames do, and where an attribute can't be read that changes values.
 */
export async function describeDicom(bytes: Uint8Array, file: string): Promise<StoredSamples> {
  const image = openDicom(bytes, file);
  const { rows, columns, samplesPerPixel, frames, transferSyntax, bitsStored } = image.module;
  const swapped = !image.dataSet.littleEndian && image.sampleType.bits > 8;
  const [native, stored] = [createHash('sha256'), createHash('sha256')];
  let [min, max] = [Infinity, -Infinity];
  for (let frame = 1; frame <= frames; frame++) {
    checkAttributes(image, frame);
    const samples = await image.frame(frame, 'pydicom');
    for (const value of samples) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
    native.update(samples);
    if (swapped) stored.update(swapBytes(bytesOf(samples), samples.BYTES_PER_ELEMENT));
  }
  const sha256Native = native.digest('hex');
  return {
    transferSyntax: { uid: transferSyntax.uid, name: transferSyntax.name },
    shape: [...(frames > 1 ? [frames] : []), rows, columns, ...(samplesPerPixel > 1 ? [samplesPerPixel] : [])],
    dtype: swapped ? bigEndianName(image) : typeName(image.sampleType),
    bitsStored,
    min,
    max,
    sha256: swapped ? stored.digest('hex') : sha256Native,
    sha256Native,
  };
}

function bigEndianName({ sampleType: { bits, signed, float } }: DicomImage): string {
  return `>${float ? 'f' : signed ? 'i' : 'u'}${bits / 8}`;
}

function bytesOf({ buffer, byteOffset, byteLength }: Samples): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
