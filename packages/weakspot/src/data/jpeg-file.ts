import { WeakspotError } from '@weakspot/core';
import { checkJpeg, readJpegStream } from '../dicom/index.js';

/** How strict the image library is: `warning` refuses what is merely odd, too. */
export type FailOn = 'error' | 'warning';

/** Whether bytes are JPEG: they begin with its marker SOI and another. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/**
 * Decodes a JPEG file with the image library, which fills up missing data with grey and warns, of other things too; and refuses
 * grey files that lack only their end marker. So a file that it warns of, or that has no end marker, is looked into first.
 *
 * @param decode Decodes bytes, as strictly as it is told.
 * @throws Error with the reason, where the file is truncated or damaged; what `decode` throws.
 */
export async function decodeWholeJpeg<T>(
  bytes: Uint8Array,
  decode: (bytes: Uint8Array, failOn: FailOn) => Promise<T>,
): Promise<T> {
  const stream = readJpegStream(bytes);
  // Without a frame header there is nothing to decode: the library says so.
  if (stream === undefined) return decode(bytes, 'error');
  let warned: unknown;
  if (stream.ended && !stream.cut) {
    try {
      return await decode(bytes, 'warning');
    } catch (error) {
      if (error instanceof WeakspotError) throw error;
      warned = error;
    }
  }
  if (!(await checkJpeg(bytes)) && warned !== undefined) throw warned;
  return decode(stream.ended ? bytes : withEnd(bytes), 'error');
}

function withEnd(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length + 2);
  result.set(bytes);
  result.set([0xff, 0xd9], bytes.length);
  return result;
}
