import type { Moments } from './patches.js';

/** Kinds of patch: so many equal shares by the mean, and each of them by the deviation. */
const BY_MEAN = 8;
const BY_STD = 4;
const KINDS = BY_MEAN * BY_STD;
/** Added to each class's shares, over all kinds together, so that a rare kind says little. */
const PRIOR = 0.05;

/**
 * A score per image: the mean, over its patches, of the logarithm of how much more frequent patches of their kind are in
 * positive images than in others, in all folds but its own. Every image counts the same.
 *
 * @param patches Of each image, at least one.
 * @param fold Of each image, from 0.
 */
export function scoreByKinds(
  patches: readonly (readonly Moments[])[],
  positive: readonly boolean[],
  fold: readonly number[],
): number[] {
  // Of each image, the share of its patches that are of each kind.
  const shares = kindsOf(patches).map((own) => {
    const share = new Float64Array(KINDS);
    for (const kind of own) share[kind] = (share[kind] as number) + 1 / own.length;
    return share;
  });
  const evidence = Array.from({ length: Math.max(...fold) + 1 }, (_, left) => {
    const meanShare = (wanted: boolean): Float64Array => {
      const members = shares.filter((_share, i) => fold[i] !== left && positive[i] === wanted);
      return Float64Array.from({ length: KINDS }, (_kind, kind) => {
        return members.reduce((sum, share) => sum + (share[kind] as number), 0) / Math.max(1, members.length);
      });
    };
    const [ill, well] = [meanShare(true), meanShare(false)];
    return ill.map((share, kind) => Math.log((share + PRIOR / KINDS) / ((well[kind] as number) + PRIOR / KINDS)));
  });
  return shares.map((share, i) => {
    const said = evidence[fold[i] as number] as Float64Array;
    return share.reduce((sum, part, kind) => sum + part * (said[kind] as number), 0);
  });
}

/** The kind of each patch of each image: an eighth by its mean and, of those alike, a quarter by its deviation. */
function kindsOf(patches: readonly (readonly Moments[])[]): number[][] {
  const all = patches.flatMap((own, image) => own.map(({ mean, std }) => ({ image, mean, std })));
  const kinds: number[][] = patches.map(() => []);
  const meanEdges = edgesOf(
    all.map(({ mean }) => mean),
    BY_MEAN,
  );
  const byMean = Array.from({ length: BY_MEAN }, (): typeof all => []);
  for (const patch of all) byMean[binOf(patch.mean, meanEdges)]?.push(patch);
  byMean.forEach((alike, bin) => {
    const stdEdges = edgesOf(
      alike.map(({ std }) => std),
      BY_STD,
    );
    for (const { image, std } of alike) kinds[image]?.push(bin * BY_STD + binOf(std, stdEdges));
  });
  return kinds;
}

/** The values between equal shares of the values. */
function edgesOf(values: readonly number[], shares: number): number[] {
  const sorted = Float64Array.from(values).toSorted();
  return Array.from({ length: shares - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / shares)] as number);
}

/** How many edges a value has reached. */
function binOf(value: number, edges: readonly number[]): number {
  let bin = 0;
  while (bin < edges.length && value >= (edges[bin] as number)) bin++;
  return bin;
}
