import type { DicomDataSet } from './dataset.js';
import type { Fragment } from './elements.js';

/**
 * The frames of encapsulated pixel data (PS3.5 A.4). Which fragments are a frame's is told from, in this order: there
 * being one frame; the basic offset table; there being a fragment per frame; and where codestreams begin.
 *
 * @returns The bytes of a frame by its index from 0; undefined where frames can't be told apart.
 */
export function encapsulatedFrames(dataSet: DicomDataSet, frames: number): ((index: number) => Uint8Array) | undefined {
  const fragments = dataSet.pixelData?.fragments ?? [];
  const starts = frameStarts(fragments, dataSet, frames);
  if (starts === undefined) return undefined;
  return (index) => join(fragments.slice(starts[index], starts[index + 1]), dataSet.content);
}

/** The first fragment of each frame. */
function frameStarts(fragments: readonly Fragment[], dataSet: DicomDataSet, frames: number): number[] | undefined {
  if (fragments.length === 0) return undefined;
  if (frames === 1) return [0];
  const table = dataSet.pixelData?.basicOffsetTable ?? [];
  if (table.length === frames) {
    const places = new Map(fragments.map(({ offset }, i) => [offset, i]));
    const starts = table.flatMap((offset) => places.get(offset) ?? []);
    if (starts.length === frames && starts[0] === 0 && isAscending(starts)) return starts;
  }
  if (fragments.length === frames) return fragments.map((_, i) => i);
  const begun = fragments.flatMap(({ position }, i) => (beginsCodestream(dataSet.content, position) ? [i] : []));
  return begun.length === frames && begun[0] === 0 ? begun : undefined;
}

function isAscending(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value > (values[i - 1] as number));
}

/** SOI of JPEG and JPEG-LS, SOC and SIZ of JPEG 2000, or the signature of a JP2 file around it. */
function beginsCodestream(bytes: Uint8Array, at: number): boolean {
  if (bytes[at + 4] === 0x6a && bytes[at + 5] === 0x50 && bytes[at + 3] === 0x0c) return true;
  if (bytes[at] !== 0xff) return false;
  return (bytes[at + 1] === 0xd8 && bytes[at + 2] === 0xff) || (bytes[at + 1] === 0x4f && bytes[at + 2] === 0xff);
}

function join(fragments: readonly Fragment[], content: Uint8Array): Uint8Array {
  const parts = fragments.map(({ position, length }) => content.subarray(position, position + length));
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
