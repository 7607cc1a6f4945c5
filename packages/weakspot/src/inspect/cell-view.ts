import { receptiveField, regionBounds } from '@weakspot/core';
import type { Dataset } from '../data/dataset.js';
import { type PartialConfig, resolveConfig } from '../run/config.js';
import { modelOptions } from '../run/model-options.js';
import type { CheckedImage } from './features.js';
import { type Quartiles, quartilesOf } from './summary.js';

/** What a cell of the proposed network sees, beside the sizes of known regions. */
export interface CellView {
  readonly network: string;
  /** Size of the network's input, pixels. */
  readonly input: { readonly width: number; readonly height: number };
  /** What a cell of its maps sees: pixels of the input, each way. */
  readonly field: number;
  /** Between neighbouring cells, pixels of the input. */
  readonly stride: number;
  /** What a cell sees in pixels of an image of median size. */
  readonly fieldInImage: { readonly width: number; readonly height: number };
  /** Sides of the boxes around regions, widths and heights alike; absent where no region is known. */
  readonly sides?: { readonly input: Quartiles; readonly image: Quartiles };
}

/**
 * @param proposed The proposed configuration.
 * @param images At least one.
 */
export function viewCell(
  proposed: PartialConfig,
  { classes, positive, multiLabel }: Pick<Dataset, 'classes' | 'positive' | 'multiLabel'>,
  images: readonly CheckedImage[],
): CellView {
  const config = resolveConfig(proposed, { threads: 1, source: 'the proposed configuration' });
  const named = { classes: [...classes], positive, ...(multiLabel === true ? { multiLabel } : {}) };
  const { size: field, stride } = receptiveField(modelOptions(config, named).network);
  const { width, height } = config.preprocessing;
  const median = (of: (image: CheckedImage) => number): number => quartilesOf(images.map(of)).median;
  const fieldInImage = {
    width: (field * median(({ measures }) => measures.width)) / width,
    height: (field * median(({ measures }) => measures.height)) / height,
  };
  // The proposal neither crops nor pads: each axis has a factor of its own.
  const sides = images.flatMap(({ sample, measures }) =>
    sample.regions.flatMap((region) => {
      const { x0, y0, x1, y1 } = regionBounds(region);
      const [across, down] = [x1 - x0, y1 - y0];
      return [
        { image: across, input: (across * width) / measures.width },
        { image: down, input: (down * height) / measures.height },
      ];
    }),
  );
  return {
    network: config.network.name,
    input: { width, height },
    field,
    stride,
    fieldInImage,
    ...(sides.length === 0
      ? {}
      : {
          sides: {
            input: quartilesOf(sides.map(({ input }) => input)),
            image: quartilesOf(sides.map(({ image }) => image)),
          },
        }),
  };
}
