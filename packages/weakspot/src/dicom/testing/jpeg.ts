/** A component of a JPEG image whose blocks of 8 x 8 are flat. */
export interface FlatComponent {
  readonly id: number;
  /** Sampling factors. */
  readonly h: number;
  readonly v: number;
  /** What to add to the middle of the range, of the block in a column and row. */
  readonly level: (column: number, row: number) => number;
}

export interface FlatJpeg {
  readonly width: number;
  readonly height: number;
  readonly precision: 8 | 12;
  readonly components: readonly FlatComponent[];
  /** Number of the SOFn marker: 0 baseline, 1 extended, 2 progressive. */
  readonly process: 0 | 1 | 2;
  /** Units of a restart interval; none unless given. */
  readonly restart?: number;
  /** Whether each component has a scan of its own. */
  readonly apart?: boolean;
  /** Application segments: marker and content. */
  readonly applications?: readonly (readonly [number, Uint8Array])[];
}

/** APP0 of JFIF. */
export const JFIF = [0xe0, Uint8Array.of(0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0)] as const;

/** APP14 of Adobe with its transform: 0 none, 1 YCbCr. */
export function adobe(transform: number): readonly [number, Uint8Array] {
  return [0xee, Uint8Array.of(0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, transform)];
}

/** Bytes of the quantization table: DC of 8 makes a step of one grey level. */
const QUANTIZATION = [0, 8, ...Array.from({ length: 63 }, () => 1)];
/** 15 categories of four bits each; and an end of block of one bit. */
const DC_TABLE = [
  0x00,
  0,
  0,
  0,
  15,
  ...Array.from({ length: 12 }, () => 0),
  ...Array.from({ length: 15 }, (_, i) => i),
];
const AC_TABLE = [0x10, 1, ...Array.from({ length: 15 }, () => 0), 0];

/** The headers of a stream, then its scans, then its end marker, written to ITU-T T.81. */
export function flatJpeg(image: FlatJpeg): { head: Uint8Array; scans: Uint8Array[]; whole: Uint8Array } {
  const { width, height, precision, components, process, restart, applications = [] } = image;
  const frame = [precision, height >> 8, height & 255, width >> 8, width & 255, components.length];
  const head = Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    ...applications.map(([marker, content]) => segment(marker, content)),
    segment(0xdb, QUANTIZATION),
    segment(0xc0 + process, [...frame, ...components.flatMap(({ id, h, v }) => [id, 16 * h + v, 0])]),
    segment(0xc4, DC_TABLE),
    segment(0xc4, AC_TABLE),
    ...(restart === undefined ? [] : [segment(0xdd, [restart >> 8, restart & 255])]),
  ]);
  const groups = image.apart === true ? components.map((component) => [component]) : [components];
  const scans =
    process === 2
      ? [
          ...groups.map((group) => scan(image, group, [0, 0])),
          ...components.map((component) => scan(image, [component], [1, 63])),
        ]
      : groups.map((group) => scan(image, group, [0, 63]));
  return { head, scans, whole: Buffer.concat([head, ...scans, Buffer.from([0xff, 0xd9])]) };
}

function segment(marker: number, content: ArrayLike<number>): Buffer {
  const length = content.length + 2;
  return Buffer.from([0xff, marker, length >> 8, length & 255, ...Array.from(content)]);
}

function scan(image: FlatJpeg, group: readonly FlatComponent[], [first, last]: readonly [number, number]): Buffer {
  const header = segment(0xda, [group.length, ...group.flatMap(({ id }) => [id, 0]), first, last, 0]);
  const parts: Buffer[] = [header];
  let bits = '';
  let previous = group.map(() => 0);
  unitsOf(image, group).forEach((unit, i) => {
    if (image.restart !== undefined && i > 0 && i % image.restart === 0) {
      parts.push(coded(bits), Buffer.from([0xff, 0xd0 + ((i / image.restart - 1) % 8)]));
      bits = '';
      previous = group.map(() => 0);
    }
    for (const { component, level } of unit) {
      if (first === 0) bits += difference(level - (previous[component] as number));
      if (last === 63) bits += '0';
      previous[component] = level;
    }
  });
  return Buffer.concat([...parts, coded(bits)]);
}

/** The blocks of each coded unit: one of a component alone, else of all by their sampling factors. */
function unitsOf(
  { width, height, components }: FlatJpeg,
  group: readonly FlatComponent[],
): { component: number; level: number }[][] {
  const [hMax, vMax] = [Math.max(...components.map(({ h }) => h)), Math.max(...components.map(({ v }) => v))];
  const [single] = group;
  const alone = group.length === 1 && single !== undefined;
  const across = alone ? (8 * hMax) / single.h : 8 * hMax;
  const down = alone ? (8 * vMax) / single.v : 8 * vMax;
  const [columns, rows] = [Math.ceil(width / across), Math.ceil(height / down)];
  return Array.from({ length: columns * rows }, (_, i) => {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    if (alone) return [{ component: 0, level: single.level(column, row) }];
    return group.flatMap(({ h, v, level }, component) =>
      Array.from({ length: h * v }, (_block, k) => ({
        component,
        level: level(column * h + (k % h), row * v + Math.floor(k / h)),
      })),
    );
  });
}

/** A DC difference: its category, then its bits (T.81 F.1.2.1). */
function difference(value: number): string {
  const category = value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value))) + 1;
  const bits = value < 0 ? value + 2 ** category - 1 : value;
  return category.toString(2).padStart(4, '0') + (category === 0 ? '' : bits.toString(2).padStart(category, '0'));
}

/** Bits as bytes, filled up with ones; a zero after each FF. */
function coded(bits: string): Buffer {
  const filled = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1');
  const bytes = Array.from({ length: filled.length / 8 }, (_, i) => parseInt(filled.slice(8 * i, 8 * i + 8), 2));
  return Buffer.from(bytes.flatMap((byte) => (byte === 0xff ? [0xff, 0] : [byte])));
}
