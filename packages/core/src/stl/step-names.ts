/**
 * Names of the training step's inputs and outputs. Parameter `p` is fed as `p`, its momentum as `p/momentum`, and they come back as
 * `p/next` and `p/momentum/next`; so do, where the optimizer has them, the mean of its squared gradients and its moving average.
 */
export const stepNames = {
  images: 'images',
  targets: 'targets',
  alpha: 'alpha',
  learningRate: 'learningRate',
  loss: 'loss',
  classifierLoss: 'classifierLoss',
  localizerLoss: 'localizerLoss',
  gradientNorm: 'gradientNorm',
  /** Steps of the run up to this one, from 1: what AdamW corrects its moments by. */
  step: 'step',
  momentum: (parameter: string): string => `${parameter}/momentum`,
  squares: (parameter: string): string => `${parameter}/squares`,
  average: (parameter: string): string => `${parameter}/average`,
  gradient: (parameter: string): string => `${parameter}/gradient`,
  next: (tensor: string): string => `${tensor}/next`,
} as const;
