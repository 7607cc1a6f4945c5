/** How the localizer's share of the loss moves over a run. */
export interface AlphaSchedule {
  /**
   * - `step`: `start` before epoch `at`, `end` from it on (the paper: 0.1, then 0.9 after 60 epochs).
   * - `linear`, `cosine`: from `start` at epoch 0 to `end` at epoch `at`, `end` from there on.
   * - `constant`: `start` throughout.
   */
  readonly kind: 'step' | 'linear' | 'cosine' | 'constant';
  readonly start: number;
  readonly end: number;
  /** Epoch, counted from 0. */
  readonly at: number;
}

/** The paper's schedule. */
export const paperAlpha: AlphaSchedule = { kind: 'step', start: 0.1, end: 0.9, at: 60 };

/** alpha in [0, 1] for an epoch counted from 0 (fractions of epochs count for the ramps). */
export function alphaAt({ kind, start, end, at }: AlphaSchedule, epoch: number): number {
  if (kind === 'constant') return start;
  if (epoch >= at) return end;
  if (kind === 'step') return start;
  const progress = epoch / at;
  return start + (end - start) * (kind === 'linear' ? progress : (1 - Math.cos(Math.PI * progress)) / 2);
}
