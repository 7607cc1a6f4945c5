import type { CompressedFrame } from './codec.js';
import { decodeFrame } from './codec.js';
import { TRUNCATED } from './codestream.js';
import type { JpegStream } from './jpeg-stream.js';

/**
 * Decodes a stream of JPEG-LS. One that lacks only its end marker is whole.
 *
 * @returns As `decodeFrame`, but component by component where the stream is planar.
 * @throws Error with the reason, where it is truncated or damaged.
 */
export async function decodeJpegLs(stream: JpegStream, frame: CompressedFrame): Promise<Uint8Array> {
  if (stream.cut) throw new Error(TRUNCATED);
  if (stream.ended) return (await decodeFrame('decodeJpegLs', frame)).samples;
  let failure: unknown;
  for (const bytes of endings(frame.bytes)) {
    try {
      return (await decodeFrame('decodeJpegLs', { ...frame, bytes })).samples;
    } catch (error) {
      failure = error;
    }
  }
  throw new Error(TRUNCATED, { cause: failure });
}

/**
 * The stream with an end marker. Without one the decoder looks for it in all of its memory, which takes half a minute; and
 * it takes nothing between the data and the marker, such as a zero that fills up a fragment, or half of a marker.
 */
function endings(bytes: Uint8Array): Uint8Array[] {
  const ends = [bytes.length];
  if (bytes.at(-1) === 0) ends.push(bytes.length - 1);
  const last = ends.at(-1) as number;
  if (bytes[last - 1] === 0xff) ends.push(last - 1);
  return ends.map((end) => {
    const result = new Uint8Array(end + 2);
    result.set(bytes.subarray(0, end));
    result.set([0xff, 0xd9], end);
    return result;
  });
}
