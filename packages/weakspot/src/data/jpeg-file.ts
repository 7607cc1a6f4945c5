import { checkJpeg, readJpegStream } from '../dicom/index.js';

/** How strict the image library is: `warning` refuses what is merely odd, too. */
export type FailOn = 'error' | 'warning';

/** Whether bytes are JPEG: they begin with its marker SOI and another. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/**
 * Decodes a JPEG file with the image library. It fills up missing data with grey, warns of other things too, does not warn
 * where only the last rows of a grey film are missing, and refuses grey files that lack only their end marker. So every file is
 * looked into first, and its warnings count only where that can't be done.
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
  const isWhole = await checkJpeg(bytes);
  return decode(stream.ended ? bytes : withEnd(bytes), isWhole ? 'error' : 'warning');
}

function withEnd(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length + 2);
  result.set(bytes);
  result.set([0xff, 0xd9], bytes.length);
  return result;
}
