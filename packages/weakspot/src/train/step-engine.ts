import {
  type DropoutInput,
  type HostTensor,
  type KeepingSession,
  type Lowering,
  type ModelOptions,
  type OnnxRuntime,
  type Parameter,
  type Provider,
  type TrainingStepOptions,
  buildAccumulatedStep,
  buildTrainingStep,
  createKeepingSession,
  encodeOnnx,
  encodeRepeated,
  repeatNames,
  stepNames,
} from '@weakspot/core';
import type { RunConfig } from '../run/config.js';
import { type DeviceState, disposeState, keptState, placeState } from './state.js';
import { partOf, scalarsOf, stacked } from './step-tensors.js';

/** What a step is fed beside weights and momentum: images, targets, alpha, learning rate, dropout masks. */
export type StepFeeds = Readonly<Record<string, HostTensor>>;

/** Scalars of a step by name: its losses and its gradient norm. */
export type StepScalars = Readonly<Record<string, number>>;

export interface ModelState {
  readonly weights: DeviceState;
  readonly momentum: DeviceState;
}

/** Runs training steps on a provider, in the form that suits it. */
export interface StepEngine {
  readonly parameters: readonly Parameter[];
  readonly dropout: readonly DropoutInput[];
  /** Whether several steps cost less in one call than in several. */
  readonly repeats: boolean;
  /** Runs the steps one after another. The given state stays as it is, to be disposed by the caller. */
  run(steps: readonly StepFeeds[], state: ModelState): Promise<{ scalars: StepScalars[]; state: ModelState }>;
  release(): Promise<void>;
}

export interface StepEngineOptions {
  readonly runtime: OnnxRuntime;
  readonly config: RunConfig;
  readonly model: ModelOptions;
  readonly provider: Provider;
  readonly lowering: Lowering;
}

/**
 * Loads the graphs of a run's training steps.
 * @throws WeakspotError `usage` if the input is too small for the network; `engine` if the runtime refuses a graph.
 */
export async function openStepEngine(options: StepEngineOptions): Promise<StepEngine> {
  const { config, provider } = options;
  if (config.accumulate > 1) return openAccumulating(options);
  // The CPU's outputs are copied to JavaScript, weights and all: the fewer calls, the better. Other providers keep them.
  return provider === 'cpu' ? openRepeating(options) : openSingle(options);
}

function stepOptions({ config, model }: StepEngineOptions): TrainingStepOptions {
  const { momentum, weightDecay, clipNorm } = config.optimizer;
  const batch = config.batch / config.accumulate;
  return { ...model, batch, momentum, weightDecay, clipNorm: clipNorm ?? undefined };
}

/** Outputs of a step that are the next state. */
function nextState(parameters: readonly Parameter[]): string[] {
  return parameters.flatMap(({ name }) => [stepNames.next(name), stepNames.next(stepNames.momentum(name))]);
}

function keptModel(
  parameters: readonly Parameter[],
  kept: Parameters<typeof keptState>[1],
  output: (name: string) => string = (name) => name,
): ModelState {
  return {
    weights: keptState(parameters, kept, (name) => output(stepNames.next(name))),
    momentum: keptState(parameters, kept, (name) => output(stepNames.next(stepNames.momentum(name)))),
  };
}

function stateFeeds({ weights, momentum }: ModelState, input: (name: string) => string = (name) => name) {
  return Object.fromEntries([
    ...[...weights].map(([name, tensor]) => [input(name), tensor] as const),
    ...[...momentum].map(([name, tensor]) => [input(stepNames.momentum(name)), tensor] as const),
  ]);
}

function load(options: StepEngineOptions, graph: Uint8Array, keep: readonly string[]): Promise<KeepingSession> {
  const { runtime, config, provider } = options;
  return createKeepingSession(runtime, graph, { provider, threads: config.threads, memoryPattern: false, keep });
}

/** One step a call. */
async function openSingle(options: StepEngineOptions): Promise<StepEngine> {
  const { graph, parameters, dropout } = buildTrainingStep(stepOptions(options));
  const session = await load(options, encodeOnnx(graph, options), nextState(parameters));
  return {
    parameters,
    dropout,
    repeats: false,
    run: async (steps, given) => {
      const scalars: StepScalars[] = [];
      let state = given;
      for (const feeds of steps) {
        const { outputs, kept } = await session.run({ ...feeds, ...stateFeeds(state) });
        if (state !== given) disposeModel(state);
        state = keptModel(parameters, kept);
        scalars.push(scalarsOf(outputs));
      }
      return { scalars, state };
    },
    release: () => session.release(),
  };
}

/** Any number of steps in one call. */
async function openRepeating(options: StepEngineOptions): Promise<StepEngine> {
  const { graph, parameters, dropout } = buildTrainingStep(stepOptions(options));
  const tensors = parameters.flatMap(({ name }) => [name, stepNames.momentum(name)]);
  const state = Object.fromEntries(tensors.map((name) => [name, stepNames.next(name)]));
  const { count, all, first, last } = repeatNames;
  const model = encodeRepeated(graph, { state, lowering: options.lowering });
  const session = await load(options, model, nextState(parameters).map(last));
  return {
    parameters,
    dropout,
    repeats: true,
    run: async (steps, given) => {
      const feeds = { [count]: { data: Float32Array.of(steps.length), shape: [] }, ...stacked(steps, all) };
      const { outputs, kept } = await session.run({ ...feeds, ...stateFeeds(given, first) });
      const scalars = steps.map((_, step) => scalarsOf(outputs, step, all));
      return { scalars, state: keptModel(parameters, kept, last) };
    },
    release: () => session.release(),
  };
}

/** Each step in parts whose gradients add up: a call for each part, and one for the update. */
async function openAccumulating(options: StepEngineOptions): Promise<StepEngine> {
  const { gradients, update } = buildAccumulatedStep(stepOptions(options));
  const { parameters, dropout } = gradients;
  const parts = options.config.accumulate;
  const sumOf = (name: string): string => stepNames.next(stepNames.gradient(name));
  const adding = await load(
    options,
    encodeOnnx(gradients.graph, options),
    parameters.map(({ name }) => sumOf(name)),
  );
  const updating = await load(options, encodeOnnx(update, options), nextState(parameters)).catch(async (error) => {
    await adding.release();
    throw error;
  });
  const zeros = (): DeviceState =>
    placeState(
      new Map(
        parameters.map(({ name, shape }) => [
          name,
          { data: new Float32Array(shape.reduce((a, b) => a * b, 1)), shape },
        ]),
      ),
    );
  const once = async (step: StepFeeds, state: ModelState): Promise<{ scalars: StepScalars; state: ModelState }> => {
    let sums = zeros();
    const totals: Record<string, number> = {};
    for (let part = 0; part < parts; part++) {
      const feeds = { ...partOf(step, part, parts), ...Object.fromEntries(state.weights) };
      const added = Object.fromEntries([...sums].map(([name, tensor]) => [stepNames.gradient(name), tensor]));
      const { outputs, kept } = await adding.run({ ...feeds, ...added });
      disposeState(sums);
      sums = keptState(parameters, kept, sumOf);
      for (const [name, value] of Object.entries(scalarsOf(outputs))) totals[name] = (totals[name] ?? 0) + value;
    }
    const summed = Object.fromEntries([...sums].map(([name, tensor]) => [stepNames.gradient(name), tensor]));
    const { outputs, kept } = await updating.run({ ...step, ...stateFeeds(state), ...summed });
    disposeState(sums);
    return { scalars: { ...totals, ...scalarsOf(outputs) }, state: keptModel(parameters, kept) };
  };
  return {
    parameters,
    dropout,
    repeats: false,
    run: async (steps, given) => {
      const scalars: StepScalars[] = [];
      let state = given;
      for (const step of steps) {
        const result = await once(step, state);
        if (state !== given) disposeModel(state);
        state = result.state;
        scalars.push(result.scalars);
      }
      return { scalars, state };
    },
    release: async () => {
      await adding.release();
      await updating.release();
    },
  };
}

export function disposeModel({ weights, momentum }: ModelState): void {
  for (const state of [weights, momentum]) disposeState(state);
}
