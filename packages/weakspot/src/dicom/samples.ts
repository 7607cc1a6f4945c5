/** Samples of one type, in the byte order of the machine. */
export type Samples =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

export interface SampleType {
  /** 8, 16 or 32; of floating-point samples 32 or 64. */
  readonly bits: number;
  readonly signed: boolean;
  readonly float: boolean;
}

/** NumPy's name of the type: `uint8`, `int16`, `float32`. */
export function typeName({ bits, signed, float }: SampleType): string {
  return `${float ? 'float' : signed ? 'int' : 'uint'}${bits}`;
}

/** Bytes, little endian, as samples: a view where they begin their buffer, else of a copy. */
export function samplesOf(bytes: Uint8Array, { bits, signed, float }: SampleType): Samples {
  // Views of wider samples begin at multiples of their size.
  const { buffer } = bytes.byteOffset === 0 ? bytes : bytes.slice();
  const length = Math.floor((bytes.length * 8) / bits);
  if (float) return bits === 64 ? new Float64Array(buffer, 0, length) : new Float32Array(buffer, 0, length);
  if (bits === 8) return signed ? new Int8Array(buffer, 0, length) : new Uint8Array(buffer, 0, length);
  if (bits === 16) return signed ? new Int16Array(buffer, 0, length) : new Uint16Array(buffer, 0, length);
  return signed ? new Int32Array(buffer, 0, length) : new Uint32Array(buffer, 0, length);
}

/** Turns around the bytes of each value of `size` bytes, in place. */
export function swapBytes(bytes: Uint8Array, size: number): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (size === 2) buffer.swap16();
  else if (size === 4) buffer.swap32();
  else if (size === 8) buffer.swap64();
  return bytes;
}

/** Planes one after the other to samples pixel by pixel, of 1 to 8 bytes a sample. */
export function interleave(planes: Uint8Array, samplesPerPixel: number, bytesPerSample: number): Uint8Array {
  const result = new Uint8Array(planes.length);
  const pixels = planes.length / samplesPerPixel / bytesPerSample;
  for (let sample = 0, at = 0; sample < samplesPerPixel; sample++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      const to = (pixel * samplesPerPixel + sample) * bytesPerSample;
      for (let byte = 0; byte < bytesPerSample; byte++) result[to + byte] = planes[at++] as number;
    }
  }
  return result;
}

/** Rows of one component after those of the other to samples pixel by pixel, where they pass for rows of pixels. */
export function interleaveRows(
  rows: Uint8Array,
  components: number,
  columns: number,
  bytesPerSample: number,
): Uint8Array {
  const planes = new Uint8Array(rows.length);
  const height = rows.length / components / columns / bytesPerSample;
  const row = columns * bytesPerSample;
  for (let k = 0; k < height * components; k++) {
    // The k-th row came to component `k % components` of row `k / components`.
    const from = (Math.floor(k / components) * columns * components + (k % components)) * bytesPerSample;
    for (let at = 0; at < row; at++) {
      const pixel = Math.floor(at / bytesPerSample);
      planes[k * row + at] = rows[from + pixel * components * bytesPerSample + (at % bytesPerSample)] as number;
    }
  }
  return interleave(planes, components, bytesPerSample);
}
