import {
  type DeviceTensor,
  type HostTensor,
  type Parameter,
  WeakspotError,
  hostAsDevice,
  sameShape,
} from '@weakspot/core';

/** A tensor for each parameter, by name: the weights, or the momentum. */
export type State = ReadonlyMap<string, HostTensor>;

/** A state where the engine has it: on the device, where the provider keeps tensors there. */
export type DeviceState = ReadonlyMap<string, DeviceTensor>;

/**
 * The tensors of a checkpoint, or new ones without it.
 * @throws WeakspotError `model` naming the tensor that the checkpoint lacks or has in another shape.
 */
export function stateFrom(
  parameters: readonly Parameter[],
  stored: State | undefined,
  make: (parameter: Parameter) => Float32Array,
): State {
  const state = new Map<string, HostTensor>();
  for (const parameter of parameters) {
    const { name, shape } = parameter;
    const tensor = stored?.get(name);
    if (stored !== undefined && (tensor === undefined || !sameShape(tensor.shape, shape))) {
      const found = tensor === undefined ? 'missing' : `[${tensor.shape.join(', ')}]`;
      const wanted = `the network's [${shape.join(', ')}]`;
      throw new WeakspotError('model', `The checkpoint's "${name}" is ${found}, ${wanted}.`, {
        hint: 'The checkpoint belongs to another configuration.',
      });
    }
    state.set(name, tensor ?? { data: make(parameter), shape });
  }
  return state;
}

/** A state of the host for the engine. It moves to the device with the first step. */
export function placeState(state: State): DeviceState {
  return new Map([...state].map(([name, tensor]) => [name, hostAsDevice(tensor)]));
}

/** What a step kept for each parameter, under the name that `outputOf` gives. */
export function keptState(
  parameters: readonly Parameter[],
  kept: Readonly<Record<string, DeviceTensor>>,
  outputOf: (parameter: string) => string,
): DeviceState {
  return new Map(
    parameters.map(({ name }) => {
      const tensor = kept[outputOf(name)];
      if (tensor === undefined) throw new WeakspotError('engine', `The graph kept no output "${outputOf(name)}".`);
      return [name, tensor];
    }),
  );
}

/** Brings a state to the host. */
export async function readState(state: DeviceState): Promise<State> {
  const read = new Map<string, HostTensor>();
  for (const [name, tensor] of state) read.set(name, await tensor.read());
  return read;
}

export function disposeState(state: DeviceState): void {
  for (const tensor of state.values()) tensor.dispose();
}

/**
 * Checks that no value is infinite or NaN, so that no such checkpoint is ever written.
 * @throws WeakspotError `diverged` naming the tensor.
 */
export function checkFinite(state: State): void {
  for (const [name, { data }] of state) {
    if (!allFinite(data)) throw divergence(`Values of "${name}" are not finite.`);
  }
}

function allFinite(values: Float32Array): boolean {
  for (const value of values) if (!Number.isFinite(value)) return false;
  return true;
}

/** What it means that a number of the training is not finite; validation tells the same. */
export function divergence(message: string): WeakspotError {
  return new WeakspotError('diverged', message, {
    hint: 'Lower the learning rate, add a warm-up, or clip the gradient norm.',
  });
}
