/** One image's class logits (the pooled activation maps) and its true class. */
export interface ClassLogits {
  readonly label: number;
  readonly logits: readonly number[];
}

/**
 * The share of what tells positive images from the others that comes through the other classes' maps. A softmax of two
 * classes sees only the margin a_pos - a_neg of the logits, so a classifier is as good with its evidence in either. With
 * G(x) the mean of x over the positive images minus that over all others, and a_rest the mean of the other classes' logits,
 *
 *     share = G(-a_rest) / (G(a_pos) + G(-a_rest)).
 *
 * 0: all in the positive class's map, which the paper's protocol reads. 1/2: alike in both, as average pooling tends to
 * have it. 1 and above: the positive class's map tells nothing, or the wrong way round. No boxes are needed.
 *
 * @returns Undefined where the set lacks positive or other images, or the margin does not tell them apart (G <= 0).
 */
export function negativeShare(images: readonly ClassLogits[], positive: number): number | undefined {
  const gain = (of: (logits: readonly number[]) => number): number =>
    mean(images.filter(({ label }) => label === positive).map(({ logits }) => of(logits))) -
    mean(images.filter(({ label }) => label !== positive).map(({ logits }) => of(logits)));
  const own = gain((logits) => logits[positive] ?? Number.NaN);
  const rest = gain((logits) => -mean(logits.filter((_, k) => k !== positive)));
  return own + rest > 0 ? rest / (own + rest) : undefined;
}

/** NaN of nothing. */
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
