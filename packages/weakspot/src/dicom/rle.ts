import { interleave } from './samples.js';

/** Segments that a header of RLE can name. */
const MAX_SEGMENTS = 15;

/**
 * Decodes a frame of RLE Lossless (PS3.5 annex G): a segment per byte of a sample, the most significant first.
 *
 * @returns Little-endian samples, pixel by pixel.
 * @throws Error with the reason where it is damaged or truncated.
 */
export function decodeRle(
  bytes: Uint8Array,
  pixels: number,
  samplesPerPixel: number,
  bytesPerSample: number,
): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const segments = samplesPerPixel * bytesPerSample;
  if (bytes.length < 64) throw new Error('it is truncated: shorter than an RLE header');
  if (segments > MAX_SEGMENTS || view.getUint32(0, true) !== segments)
    throw new Error(`its RLE header does not name ${segments} segments`);
  const planes = new Uint8Array(pixels * segments);
  for (let sample = 0; sample < samplesPerPixel; sample++) {
    for (let byte = 0; byte < bytesPerSample; byte++) {
      const segment = sample * bytesPerSample + byte;
      const from = view.getUint32(4 + 4 * segment, true);
      const to = segment + 1 < segments ? view.getUint32(8 + 4 * segment, true) : bytes.length;
      if (from < 64 || to < from || to > bytes.length) throw new Error('its RLE header names places outside of it');
      const first = sample * pixels * bytesPerSample + (bytesPerSample - 1 - byte);
      if (!unpackBits(bytes.subarray(from, to), planes, first, bytesPerSample, pixels))
        throw new Error('it is truncated or damaged: an RLE segment ends before its last pixel');
    }
  }
  return samplesPerPixel === 1 ? planes : interleave(planes, samplesPerPixel, bytesPerSample);
}

/** Writes `count` bytes at every `stride`-th place; false where the segment holds fewer. */
function unpackBits(segment: Uint8Array, target: Uint8Array, first: number, stride: number, count: number): boolean {
  let done = 0;
  for (let at = 0; at < segment.length && done < count;) {
    const control = segment[at++] as number;
    if (control === 128) continue;
    const repeated = control > 128;
    const length = repeated ? 257 - control : control + 1;
    for (let i = 0; i < length && done < count; i++) {
      const value = segment[repeated ? at : at + i];
      if (value === undefined) return false;
      target[first + stride * done++] = value;
    }
    at += repeated ? 1 : length;
  }
  return done === count;
}
