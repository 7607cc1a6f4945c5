import { type Flips, type MapChoice, WeakspotError, mapParts } from '@weakspot/core';
import type { Augmentation } from '../data/augment.js';

/** The settings of augmentation that mirror images. */
type Mirroring = Pick<Augmentation, 'flip' | 'flipVertical'>;

/** How training images were mirrored; undefined where none was. */
export function flipsOf({ flip, flipVertical }: Mirroring): Flips | undefined {
  return flip || flipVertical ? { horizontal: flip, vertical: flipVertical } : undefined;
}

/** What is said of a map over mirror images where training mirrored none. */
export const NO_FLIPS =
  'needs a run whose training images were mirrored (augmentation.flip or augmentation.flipVertical)';

/**
 * What a map of a run is averaged over: mirror images as training saw them. Undefined for a map of the image alone.
 * @throws WeakspotError `usage` if training mirrored no image.
 */
export function flipsOfMap(map: MapChoice, { augmentation }: { readonly augmentation: Mirroring }): Flips | undefined {
  const { base, flips } = mapParts(map);
  if (!flips) return undefined;
  const found = flipsOf(augmentation);
  if (found !== undefined) return found;
  throw new WeakspotError('usage', `The map "${map}" ${NO_FLIPS}; this one's were not.`, {
    hint: `Read the map "${base}", or train with --set augmentation.flip=true where left and right do not matter.`,
  });
}
