import sharp from 'sharp';

/** Kernels of one convolution: `count` of `side` x `side`, one after the other, each row-major. */
export interface FilterBank {
  readonly weights: Float32Array;
  readonly count: number;
  readonly side: number;
}

export interface FilterPicture {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Pixels between two filters. */
const GAP = 1;
/** Pixels of the picture per weight. */
const SCALE = 4;

/**
 * Filters as a grid of grey tiles, those of the largest norm first: middle grey is 0, black `-limit` and white `limit`.
 * Banks drawn with one limit can be compared. Between the tiles the picture is transparent.
 */
export async function filterGridPng({ weights, count, side }: FilterBank, limit: number): Promise<FilterPicture> {
  const columns = Math.max(1, Math.ceil(Math.sqrt(count * 1.5)));
  const rows = Math.max(1, Math.ceil(count / columns));
  const tile = side + GAP;
  const [width, height] = [columns * tile - GAP, rows * tile - GAP];
  const rgba = new Uint8ClampedArray(width * height * 4);
  const gain = limit > 0 ? 127.5 / limit : 0;
  orderByNorm({ weights, count, side }).forEach((filter, place) => {
    const [left, top] = [(place % columns) * tile, Math.floor(place / columns) * tile];
    for (let i = 0; i < side * side; i++) {
      const grey = Math.min(255, Math.max(0, 127.5 + gain * (weights[filter * side * side + i] as number)));
      const x = left + (i % side);
      const y = top + Math.floor(i / side);
      rgba.set([grey, grey, grey, 255], (y * width + x) * 4);
    }
  });
  const png = await sharp(rgba, { raw: { width, height, channels: 4 } })
    .resize(width * SCALE, height * SCALE, { kernel: 'nearest' })
    .png()
    .toBuffer();
  return { png: new Uint8Array(png), width: width * SCALE, height: height * SCALE };
}

/** Numbers that say what a picture of filters shows. */
export interface FilterMeasures {
  /** Largest absolute weight. */
  readonly largest: number;
  /** Mean Euclidean norm of a filter. */
  readonly norm: number;
  /**
   * Mean over the filters of the correlation between weights next to each other, across and down: about 0 of filters that
   * are noise, as they are when training begins, towards 1 of smooth ones.
   */
  readonly smoothness: number;
}

export function measureFilters({ weights, count, side }: FilterBank): FilterMeasures {
  const size = side * side;
  let [largest, norms, correlations] = [0, 0, 0];
  for (let filter = 0; filter < count; filter++) {
    const kernel = weights.subarray(filter * size, (filter + 1) * size);
    largest = kernel.reduce((most, weight) => Math.max(most, Math.abs(weight)), largest);
    norms += Math.hypot(...kernel);
    correlations += neighbourCorrelation(kernel, side);
  }
  const each = Math.max(1, count);
  return { largest, norm: norms / each, smoothness: correlations / each };
}

/** Pearson's correlation of the pairs of neighbours; 0 of a flat kernel. */
function neighbourCorrelation(kernel: Float32Array, side: number): number {
  const pairs: [number, number][] = [];
  for (let i = 0; i < kernel.length; i++) {
    const value = kernel[i] as number;
    if ((i + 1) % side !== 0) pairs.push([value, kernel[i + 1] as number]);
    if (i + side < kernel.length) pairs.push([value, kernel[i + side] as number]);
  }
  const mean = (of: (pair: [number, number]) => number): number =>
    pairs.reduce((sum, pair) => sum + of(pair), 0) / Math.max(1, pairs.length);
  const [a, b] = [mean(([x]) => x), mean(([, y]) => y)];
  const spread = Math.sqrt(mean(([x]) => (x - a) ** 2) * mean(([, y]) => (y - b) ** 2));
  return spread > 0 ? mean(([x, y]) => (x - a) * (y - b)) / spread : 0;
}

/** Indices of the filters, the largest Euclidean norm first. */
function orderByNorm({ weights, count, side }: FilterBank): number[] {
  const size = side * side;
  const norms = Array.from({ length: count }, (_, i) => Math.hypot(...weights.subarray(i * size, (i + 1) * size)));
  return norms.map((_, i) => i).toSorted((a, b) => (norms[b] as number) - (norms[a] as number));
}
