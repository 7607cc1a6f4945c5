import {
  type DeviceTensor,
  type HostTensor,
  type Parameter,
  type StateRole,
  type StateTensor,
  WeakspotError,
  hostAsDevice,
  initialise,
  sameShape,
  sizeOf,
  stateRoles,
} from '@weakspot/core';

/** Tensors by name. */
export type State = ReadonlyMap<string, HostTensor>;

/** What goes from step to step, where the engine has it: on the device, where the provider keeps tensors there. */
export type DeviceState = ReadonlyMap<string, DeviceTensor>;

/** What a run goes on from, each by parameter name. Of what is not given, or empty, the parameters begin as in a new run. */
export interface StoredState {
  readonly parameters: State;
  readonly momentum?: State;
  readonly squares?: State;
  readonly average?: State;
}

/**
 * The tensors that go from step to step, from a checkpoint or new ones: weights drawn from the seed, moments of 0, averages that begin
 * as the weights.
 * @throws WeakspotError `model` naming the tensor that the checkpoint lacks or has in another shape.
 */
export function startState(tensors: readonly StateTensor[], stored: StoredState | undefined, seed: number): State {
  const state = new Map<string, HostTensor>();
  for (const { name, parameter, role } of tensors.toSorted((a, b) => rank(a) - rank(b))) {
    const { shape } = parameter;
    const from = role === 'value' ? stored?.parameters : stored?.[role];
    const tensor = from?.get(parameter.name);
    if (from !== undefined && from.size > 0 && (tensor === undefined || !sameShape(tensor.shape, shape))) {
      const found = tensor === undefined ? 'missing' : `[${tensor.shape.join(', ')}]`;
      const wanted = `the network's [${shape.join(', ')}]`;
      throw new WeakspotError('model', `The checkpoint's "${name}" is ${found}, ${wanted}.`, {
        hint: 'The checkpoint belongs to another configuration.',
      });
    }
    state.set(name, tensor ?? { data: begun(role, parameter, state, seed), shape });
  }
  return new Map(tensors.map(({ name }) => [name, state.get(name) as HostTensor]));
}

/** Values first, which name what does not fit, and averages last: they may begin as the values. */
function rank({ role }: StateTensor): number {
  return stateRoles.indexOf(role);
}

function begun(role: StateRole, parameter: Parameter, state: State, seed: number): Float32Array {
  if (role === 'value') return initialise(parameter, seed);
  const value = role === 'average' ? state.get(parameter.name)?.data : undefined;
  return value?.slice() ?? new Float32Array(sizeOf(parameter.shape));
}

/** A state of the host for the engine. It moves to the device with the first step. */
export function placeState(state: State): DeviceState {
  return new Map([...state].map(([name, tensor]) => [name, hostAsDevice(tensor)]));
}

/** What a step kept, under the names that `outputOf` gives. */
export function keptState(
  names: readonly string[],
  kept: Readonly<Record<string, DeviceTensor>>,
  outputOf: (name: string) => string,
): DeviceState {
  return new Map(
    names.map((name) => {
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
