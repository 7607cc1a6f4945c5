import type { RunConfig } from '../run/config.js';

/** A step's place in a run: epoch and step from 0, of `steps` in the epoch. */
export interface StepPosition {
  readonly epoch: number;
  readonly step: number;
  readonly steps: number;
}

/** Learning rate of a step. Schedule and warm-up multiply; the warm-up reaches the full rate at the last of its steps. */
export function learningRateAt(
  { optimizer, epochs }: Pick<RunConfig, 'optimizer' | 'epochs'>,
  { epoch, step, steps }: StepPosition,
): number {
  const { learningRate, schedule, warmup } = optimizer;
  let factor = warmup === 0 ? 1 : Math.min(1, (epoch + (step + 1) / steps) / warmup);
  if (schedule.kind === 'step') factor *= schedule.factor ** schedule.at.filter((at) => epoch >= at).length;
  if (schedule.kind === 'cosine') factor *= (1 + Math.cos((Math.PI * (epoch + step / steps)) / epochs)) / 2;
  return learningRate * factor;
}
