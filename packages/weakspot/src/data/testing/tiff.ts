export interface TinyTiff {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  /** 0 white is zero, 1 black is zero. */
  readonly photometric: 0 | 1;
  /** 1 unsigned, 2 signed, 3 floating point. */
  readonly sampleFormat: 1 | 2 | 3;
  readonly data: Uint8Array;
}

/** An uncompressed grey TIFF of one strip, little-endian (TIFF 6.0), of kinds that image libraries do not write. */
export function tinyTiff(tiff: TinyTiff): Uint8Array {
  const SHORT = 3;
  const LONG = 4;
  const tags: readonly (readonly [tag: number, type: number, value: number])[] = [
    [256, LONG, tiff.width],
    [257, LONG, tiff.height],
    [258, SHORT, tiff.bitsPerSample],
    [259, SHORT, 1],
    [262, SHORT, tiff.photometric],
    [273, LONG, 8],
    [277, SHORT, 1],
    [278, LONG, tiff.height],
    [279, LONG, tiff.data.length],
    [339, SHORT, tiff.sampleFormat],
  ];
  const directory = 8 + tiff.data.length + (tiff.data.length % 2);
  const file = new Uint8Array(directory + 2 + 12 * tags.length + 4);
  const view = new DataView(file.buffer);
  file.set([0x49, 0x49, 42, 0]);
  view.setUint32(4, directory, true);
  file.set(tiff.data, 8);
  view.setUint16(directory, tags.length, true);
  tags.forEach(([tag, type, value], i) => {
    const at = directory + 2 + 12 * i;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, 1, true);
    view.setUint32(at + 8, value, true);
  });
  return file;
}
