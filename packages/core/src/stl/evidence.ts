/**
 * Which map tells where the evidence for the positive class lies:
 * - `positive`: the positive class's map (the paper's protocol).
 * - `difference`: that map minus the mean of the other classes' maps: with two classes under one softmax, what the
 *   probabilities depend on.
 * - `negative`: the mean of the other classes' maps, negated: where their evidence is missing.
 */
export const mapNames = ['positive', 'difference', 'negative'] as const;
export type MapName = (typeof mapNames)[number];

/**
 * What is read: one of the localizer's maps; `layercam`, LayerCAM of its logits (see `buildLayerCam`); or `gradcam`, Grad-CAM of
 * the classifier (see `buildGradCam`).
 */
type BaseMap = MapName | 'layercam' | 'gradcam';

/** A map by itself, or the mean over the image and its mirror images (see `meanOverFlips`). */
type WithFlips<M extends BaseMap> = M | `${M}+flips`;

const FLIPS = '+flips';
const withFlips = <M extends BaseMap>(maps: readonly M[]): readonly WithFlips<M>[] => [
  ...maps,
  ...maps.map((map) => `${map}${FLIPS}` as const),
];

/** What a model can be made to read. */
export type LocalizerMap = WithFlips<Exclude<BaseMap, 'gradcam'>>;
export const localizerMaps: readonly LocalizerMap[] = withFlips([...mapNames, 'layercam']);

/** What can be read of a run. */
export type MapChoice = WithFlips<BaseMap>;
export const mapChoices: readonly MapChoice[] = withFlips([...mapNames, 'layercam', 'gradcam']);

/** What a choice consists of: `positive+flips` is `positive` with flips. */
export function mapParts(map: MapChoice): { readonly base: BaseMap; readonly flips: boolean } {
  const flips = map.endsWith(FLIPS);
  return { base: (flips ? map.slice(0, -FLIPS.length) : map) as BaseMap, flips };
}

/**
 * One image's map by name, row-major.
 * @param maps One activation map per class, [classes, h, w].
 */
export function evidenceMap(maps: Float32Array, classes: number, positive: number, name: MapName): Float32Array {
  const size = maps.length / classes;
  // A copy, so that keeping one map does not keep them all.
  const own = maps.slice(positive * size, (positive + 1) * size);
  if (name === 'positive') return own;
  return own.map((value, cell) => {
    let others = 0;
    for (let k = 0; k < classes; k++) if (k !== positive) others += maps[k * size + cell] as number;
    const negative = -others / (classes - 1);
    return name === 'negative' ? negative : value + negative;
  });
}
