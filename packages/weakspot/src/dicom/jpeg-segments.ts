import { viewOf } from './header.js';

/** A marker segment of JPEG (ITU-T T.81 B.1.1.4) or JPEG-LS: its marker and where its content lies. */
export interface Segment {
  /** The second byte of its marker. */
  readonly marker: number;
  /** The first byte after the length. */
  readonly from: number;
  /** Behind its last byte, or the end of the stream. */
  readonly to: number;
  /** Whether all of its content is there. */
  readonly whole: boolean;
}

export const SOI = 0xd8;
export const EOI = 0xd9;
export const SOS = 0xda;

/** Marker segments in order, those behind entropy-coded data too; ends behind EOI, or where the stream is cut or damaged. */
export function* segmentsOf(bytes: Uint8Array): Generator<Segment> {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return;
  const view = viewOf(bytes);
  for (let at = 2; at + 2 <= bytes.length;) {
    const marker = bytes[at + 1] as number;
    if (bytes[at] !== 0xff) return;
    if (marker === 0xff) {
      at += 1;
    } else if (standsAlone(marker)) {
      at += 2;
      if (marker === EOI) yield { marker, from: at, to: at, whole: true };
      if (marker === EOI) return;
    } else {
      if (at + 4 > bytes.length) return;
      const to = at + 2 + Math.max(view.getUint16(at + 2), 2);
      yield { marker, from: at + 4, to: Math.min(to, bytes.length), whole: to <= bytes.length };
      at = marker === SOS ? endOfEntropyCoded(bytes, to) : to;
    }
  }
}

/** TEM, restart markers, SOI and EOI. */
function standsAlone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= EOI);
}

/** Where the next marker stands that is no restart: in JPEG a zero, in JPEG-LS a low byte follows an FF of the data. */
function endOfEntropyCoded(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(0xff, from);
  while (at >= 0) {
    const next = bytes[at + 1] ?? 0;
    if (next >= 0x80 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
    at = bytes.indexOf(0xff, at + (next === 0xff ? 1 : 2));
  }
  return bytes.length;
}
