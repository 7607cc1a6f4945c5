import type { Codestream, StreamColour } from './codestream.js';
import { textAt } from './codestream.js';
import { viewOf } from './header.js';
import type { Segment } from './jpeg-segments.js';
import { EOI, segmentsOf, SOS } from './jpeg-segments.js';

/** A codestream of JPEG (ITU-T T.81) or JPEG-LS (T.87). */
export interface JpegStream extends Codestream {
  /** The number n of its SOFn marker: 3 is lossless, `JPEG_LS` JPEG-LS. */
  readonly process: number;
}

export const LOSSLESS = 3;
export const JPEG_LS = 55;

/** The frame header (T.81 B.2.2, T.87 C.2.2). */
interface Frame extends Pick<JpegStream, 'process' | 'precision' | 'width' | 'height'> {
  readonly components: readonly Component[];
}

interface Component {
  readonly id: number;
  /** Sampling factors, horizontal times vertical. */
  readonly sampling: number;
}

/** A scan header (T.81 B.2.3, T.87 C.2.3). */
interface Scan {
  readonly ids: readonly number[];
  /** First and last coefficient; of JPEG-LS how much a sample may be off, and how components interleave. */
  readonly first: number;
  readonly last: number;
  /** The lowest bit of coefficients that it holds. */
  readonly bit: number;
}

/** Size, precision and process as the frame header says, of the beginning of a stream too; undefined where there is none. */
export function readJpegHeader(
  bytes: Uint8Array,
): Pick<JpegStream, 'process' | 'precision' | 'width' | 'height' | 'components'> | undefined {
  for (const segment of segmentsOf(bytes)) {
    if (isStartOfFrame(segment.marker)) {
      const frame = readFrame(bytes, segment);
      return frame && { ...frame, components: frame.components.length };
    }
    if (segment.marker === SOS || segment.marker === EOI) return undefined;
  }
  return undefined;
}

/** Reads all headers of a stream; undefined where it has no frame header before its first scan. */
export function readJpegStream(bytes: Uint8Array): JpegStream | undefined {
  let frame: Frame | undefined;
  const scans: Scan[] = [];
  const applications: Segment[] = [];
  let ended = false;
  let whole = true;
  for (const segment of segmentsOf(bytes)) {
    const { marker } = segment;
    if (isStartOfFrame(marker)) frame ??= readFrame(bytes, segment);
    else if (marker === SOS) scans.push(readScan(bytes, segment));
    else if (marker >= 0xe0 && marker <= 0xef) applications.push(segment);
    if (marker === SOS && frame === undefined) return undefined;
    ended = marker === EOI;
    whole &&= segment.whole;
  }
  if (frame === undefined) return undefined;
  const { process, components } = frame;
  return {
    ...frame,
    components: components.length,
    signed: false,
    lossless: process === LOSSLESS || (process === JPEG_LS && scans.every(({ first }) => first === 0)),
    colour: components.length === 3 ? colourOf(bytes, frame, applications) : undefined,
    ended,
    cut: !whole || lacksScans(frame, scans),
    planar: process === JPEG_LS && components.length > 1 && scans[0]?.last === 0,
  };
}

function isStartOfFrame(marker: number): boolean {
  return marker === 0xf7 || (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc);
}

function readFrame(bytes: Uint8Array, { marker, from, to }: Segment): Frame | undefined {
  if (to < from + 6) return undefined;
  const view = viewOf(bytes);
  const places = Array.from({ length: view.getUint8(from + 5) }, (_, i) => from + 6 + 3 * i);
  return {
    process: marker === 0xf7 ? JPEG_LS : marker - 0xc0,
    precision: view.getUint8(from),
    height: view.getUint16(from + 1),
    width: view.getUint16(from + 3),
    components: places.map((at) => {
      const factors = bytes[at + 1] ?? 0;
      return { id: bytes[at] ?? 0, sampling: (factors >> 4) * (factors & 15) };
    }),
  };
}

function readScan(bytes: Uint8Array, { from }: Segment): Scan {
  const count = bytes[from] ?? 0;
  const after = from + 1 + 2 * count;
  return {
    ids: Array.from({ length: count }, (_, i) => bytes[from + 1 + 2 * i] ?? 0),
    first: bytes[after] ?? 0,
    last: bytes[after + 1] ?? 0,
    bit: (bytes[after + 2] ?? 0) & 15,
  };
}

/**
 * Whether a component has no scan, or, of a progressive stream, coefficients of one have not come down to their lowest bit. The
 * standard lets such a stream be (T.81 G.1.1.1), but no encoder is known that means it so: it was cut between scans.
 */
function lacksScans({ process, components }: Frame, scans: readonly Scan[]): boolean {
  const isProgressive = process === 2 || process === 6 || process === 10 || process === 14;
  return components.some(({ id }) => {
    const own = scans.filter(({ ids }) => ids.includes(id));
    if (!isProgressive) return own.length === 0;
    const isRefined = (coefficient: number): boolean =>
      own.some(({ first, last, bit }) => bit === 0 && first <= coefficient && coefficient <= last);
    return !Array.from({ length: 64 }, (_, i) => i).every(isRefined);
  });
}

/**
 * As libjpeg has it: JFIF is YCbCr; Adobe's marker names its transform; components may be named R, G, B. Colour
 * differences alone are ever sampled more coarsely. SPIFF and the transforms of HP (both of JPEG-LS) name colours too.
 */
function colourOf(
  bytes: Uint8Array,
  { components }: Frame,
  applications: readonly Segment[],
): StreamColour | undefined {
  let adobe: StreamColour | undefined;
  let other: StreamColour | undefined;
  for (const { marker, from, to } of applications) {
    const length = to - from;
    if (marker === 0xe0 && textAt(bytes, from, 5) === 'JFIF\0') return 'ybr';
    if (marker === 0xee && length >= 12 && textAt(bytes, from, 5) === 'Adobe')
      adobe = bytes[from + 11] === 0 ? 'rgb' : 'ybr';
    if (marker !== 0xe8) continue;
    if (length >= 19 && textAt(bytes, from, 6) === 'SPIFF\0') other = SPIFF_COLOURS[bytes[from + 18] as number];
    if (length >= 5 && textAt(bytes, from, 4) === 'mrfx' && (bytes[from + 4] as number) > 0) other = 'rgb';
  }
  const names = String.fromCharCode(...components.map(({ id }) => id)).toUpperCase();
  const [first, ...rest] = components.map(({ sampling }) => sampling);
  const isCoarser = first !== undefined && rest.every((sampling) => sampling < first);
  return adobe ?? (names === 'RGB' ? 'rgb' : undefined) ?? other ?? (isCoarser ? 'ybr' : undefined);
}

/** Colour spaces of SPIFF (ITU-T T.84 F.2.1.1) that are ours. */
const SPIFF_COLOURS: Readonly<Record<number, StreamColour>> = { 1: 'ybr', 3: 'ybr', 4: 'ybr', 10: 'rgb' };
