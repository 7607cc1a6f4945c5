import { type HostTensor, WeakspotError, stepNames } from '@weakspot/core';

type Tensors = Readonly<Record<string, HostTensor>>;

/** The steps' tensors of each name in one, with a first axis for the steps, under the names that `rename` gives. */
export function stacked(steps: readonly Tensors[], rename: (name: string) => string): Record<string, HostTensor> {
  const result: Record<string, HostTensor> = {};
  for (const [name, { shape, data: first }] of Object.entries(steps[0] ?? {})) {
    const data = new Float32Array(steps.length * first.length);
    steps.forEach((step, index) => data.set(tensorOf(step, name).data, index * first.length));
    result[rename(name)] = { data, shape: [steps.length, ...shape] };
  }
  return result;
}

/**
 * A part of a minibatch: its rows of every tensor that has a row for each image. Targets are divided by the number of
 * parts, so that the parts' mean losses add up to that of the minibatch.
 */
export function partOf(step: Tensors, part: number, parts: number): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(step).map(([name, tensor]) => {
      const [rows, ...rest] = tensor.shape;
      if (rows === undefined) return [name, tensor];
      const size = tensor.data.length / parts;
      const data = tensor.data.subarray(part * size, (part + 1) * size);
      const scaled = name === stepNames.targets ? data.map((value) => value / parts) : data;
      return [name, { data: scaled, shape: [rows / parts, ...rest] }];
    }),
  );
}

/** The values of all scalars, or of those of one of several steps, whose names `rename` gave. */
export function scalarsOf(
  outputs: Tensors,
  step = 0,
  rename: (name: string) => string = (name) => name,
): Record<string, number> {
  const { loss, classifierLoss, localizerLoss, gradientNorm } = stepNames;
  const found: Record<string, number> = {};
  for (const name of [loss, classifierLoss, localizerLoss, gradientNorm]) {
    const value = outputs[rename(name)]?.data[step];
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** @throws WeakspotError `engine` if a graph gave no such output. */
export function tensorOf(tensors: Tensors, name: string): HostTensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new WeakspotError('engine', `The graph gave no output "${name}".`);
  return tensor;
}
