/**
 * Which map tells where the evidence for the positive class lies:
 * - `positive`: the positive class's map (the paper's protocol).
 * - `difference`: that map minus the mean of the other classes' maps: with two classes under one softmax, what the
 *   probabilities depend on.
 * - `negative`: the mean of the other classes' maps, negated: where their evidence is missing.
 */
export const mapNames = ['positive', 'difference', 'negative'] as const;
export type MapName = (typeof mapNames)[number];

/** What a model can be made to read: the localizer's maps, or `layercam`, LayerCAM of its logits (see `buildLayerCam`). */
export const localizerMaps = [...mapNames, 'layercam'] as const;
export type LocalizerMap = (typeof localizerMaps)[number];

/** What can be read of a run: those, or `gradcam`, Grad-CAM of the classifier (see `buildGradCam`). */
export const mapChoices = [...localizerMaps, 'gradcam'] as const;
export type MapChoice = (typeof mapChoices)[number];

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
