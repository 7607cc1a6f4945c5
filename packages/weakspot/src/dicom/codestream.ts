/** What the header of a compressed frame says of its samples. */
export interface CodestreamHeader {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  /** Bits of a sample. */
  readonly precision: number;
  /** Whether samples are signed; JPEG and JPEG-LS have unsigned ones only. */
  readonly signed: boolean;
  /** Of JPEG: the number n of its SOFn marker, 3 for lossless; 55 is JPEG-LS. */
  readonly process?: number;
}

/**
 * Reads the frame header of JPEG (ITU-T T.81 B.2.2) or JPEG-LS (T.87 C.2.2); undefined where there is none.
 */
export function readJpegHeader(bytes: Uint8Array): CodestreamHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  let at = 2;
  while (at + 4 <= bytes.length) {
    const marker = bytes[at + 1] as number;
    if (bytes[at] !== 0xff) return undefined;
    // A byte of filling, or a marker that stands alone.
    if (marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += marker === 0xff ? 1 : 2;
    else if (isStartOfFrame(marker)) return at + 10 <= bytes.length ? frameHeader(view, at, marker) : undefined;
    else if (marker === 0xda || marker === 0xd9) return undefined;
    else at += 2 + Math.max(view.getUint16(at + 2), 2);
  }
  return undefined;
}

function isStartOfFrame(marker: number): boolean {
  return marker === 0xf7 || (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc);
}

function frameHeader(view: DataView, at: number, marker: number): CodestreamHeader {
  return {
    process: marker === 0xf7 ? 55 : marker - 0xc0,
    precision: view.getUint8(at + 4),
    height: view.getUint16(at + 5),
    width: view.getUint16(at + 7),
    components: view.getUint8(at + 9),
    signed: false,
  };
}

/** Reads the SIZ marker of JPEG 2000 (ITU-T T.800 A.5.1), bare or in a JP2 file; undefined where there is none. */
export function readJpeg2000Header(bytes: Uint8Array): CodestreamHeader | undefined {
  const start = startOfJpeg2000(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (start === undefined || start + 45 > bytes.length) return undefined;
  const field = (index: number): number => view.getUint32(start + 8 + 4 * index);
  const depth = view.getUint8(start + 42);
  return {
    width: field(0) - field(2),
    height: field(1) - field(3),
    components: view.getUint16(start + 40),
    precision: (depth & 0x7f) + 1,
    signed: depth >= 0x80,
  };
}

/** Where the codestream begins: at SOC and SIZ, which in a JP2 file stand behind a few small boxes. */
function startOfJpeg2000(bytes: Uint8Array): number | undefined {
  const limit = Math.min(bytes.length - 4, 4096);
  for (let at = 0; at <= limit; at++) {
    if (bytes[at] === 0xff && bytes[at + 1] === 0x4f && bytes[at + 2] === 0xff && bytes[at + 3] === 0x51) return at;
  }
  return undefined;
}
