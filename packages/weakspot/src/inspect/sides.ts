import type { RunConfig } from '../run/config.js';

/** Whether the configuration flips or turns images, and when it should not or could, in words: no data set says whether sides matter. */
export function describeSides({ augmentation }: Pick<RunConfig, 'augmentation'>): string {
  const on = (['flip', 'flipVertical', 'quarterTurns'] as const).filter((key) => augmentation[key]);
  if (on.length === 0)
    return 'No image is flipped or turned: augmentation.flip, flipVertical and quarterTurns do so, where no side tells anything.';
  const keys = on.map((key) => `augmentation.${key}`).join(', ');
  return `Images are flipped or turned (${keys}): set that to false where a side tells something, as the heart's does in a chest film.`;
}
