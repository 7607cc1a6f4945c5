import {
  type DropoutInput,
  type HostTensor,
  type KeepingSession,
  type Lowering,
  type ModelOptions,
  type OnnxRuntime,
  type Parameter,
  type Provider,
  type StateTensor,
  type TrainingStepOptions,
  buildAccumulatedStep,
  buildTrainingStep,
  createKeepingSession,
  encodeOnnx,
  encodeRepeated,
  repeatNames,
  sizeOf,
  stepNames,
} from '@weakspot/core';
import type { RunConfig } from '../run/config.js';
import { type DeviceState, disposeState, keptState, placeState } from './state.js';
import { partOf, scalarsOf, stacked } from './step-tensors.js';

/** What a step is fed beside the state: images, targets, alpha, learning rate, the step's number, dropout masks. */
export type StepFeeds = Readonly<Record<string, HostTensor>>;

/** Scalars of a step by name: its losses and its gradient norm. */
export type StepScalars = Readonly<Record<string, number>>;

/** Runs training steps on a provider, in the form that suits it. */
export interface StepEngine {
  readonly parameters: readonly Parameter[];
  /** What goes from step to step. */
  readonly state: readonly StateTensor[];
  readonly dropout: readonly DropoutInput[];
  /** Whether several steps cost less in one call than in several. */
  readonly repeats: boolean;
  /** Runs the steps one after another. The given state stays as it is, to be disposed by the caller. */
  run(steps: readonly StepFeeds[], state: DeviceState): Promise<{ scalars: StepScalars[]; state: DeviceState }>;
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
  const { kind, momentum, squaresDecay, weightDecay, clipNorm, ema } = config.optimizer;
  const batch = config.batch / config.accumulate;
  return {
    ...model,
    batch,
    optimizer: kind,
    momentum,
    squaresDecay,
    weightDecay,
    clipNorm: clipNorm ?? undefined,
    ...(ema === null ? {} : { averageDecay: ema }),
  };
}

function namesOf(state: readonly StateTensor[]): string[] {
  return state.map(({ name }) => name);
}

function stateFeeds(state: DeviceState, input: (name: string) => string = (name) => name) {
  return Object.fromEntries([...state].map(([name, tensor]) => [input(name), tensor] as const));
}

function load(options: StepEngineOptions, graph: Uint8Array, keep: readonly string[]): Promise<KeepingSession> {
  const { runtime, config, provider } = options;
  return createKeepingSession(runtime, graph, { provider, threads: config.threads, memoryPattern: false, keep });
}

/** One step a call. */
async function openSingle(options: StepEngineOptions): Promise<StepEngine> {
  const { graph, parameters, state: tensors, dropout } = buildTrainingStep(stepOptions(options));
  const names = namesOf(tensors);
  const session = await load(options, encodeOnnx(graph, options), names.map(stepNames.next));
  return {
    parameters,
    state: tensors,
    dropout,
    repeats: false,
    run: async (steps, given) => {
      const scalars: StepScalars[] = [];
      let state = given;
      for (const feeds of steps) {
        const { outputs, kept } = await session.run({ ...feeds, ...stateFeeds(state) });
        if (state !== given) disposeState(state);
        state = keptState(names, kept, stepNames.next);
        scalars.push(scalarsOf(outputs));
      }
      return { scalars, state };
    },
    release: () => session.release(),
  };
}

/** Any number of steps in one call. */
async function openRepeating(options: StepEngineOptions): Promise<StepEngine> {
  const { graph, parameters, state: tensors, dropout } = buildTrainingStep(stepOptions(options));
  const names = namesOf(tensors);
  const { count, all, first, last } = repeatNames;
  const passed = Object.fromEntries(names.map((name) => [name, stepNames.next(name)]));
  const model = encodeRepeated(graph, { state: passed, lowering: options.lowering });
  const outputOf = (name: string): string => last(stepNames.next(name));
  const session = await load(options, model, names.map(outputOf));
  return {
    parameters,
    state: tensors,
    dropout,
    repeats: true,
    run: async (steps, given) => {
      const feeds = { [count]: { data: Float32Array.of(steps.length), shape: [] }, ...stacked(steps, all) };
      const { outputs, kept } = await session.run({ ...feeds, ...stateFeeds(given, first) });
      const scalars = steps.map((_, step) => scalarsOf(outputs, step, all));
      return { scalars, state: keptState(names, kept, outputOf) };
    },
    release: () => session.release(),
  };
}

/** Each step in parts whose gradients add up: a call for each part, and one for the update. */
async function openAccumulating(options: StepEngineOptions): Promise<StepEngine> {
  const { gradients, learned, update, state: moved } = buildAccumulatedStep(stepOptions(options));
  const { parameters, dropout, state: followed } = gradients;
  const parts = options.config.accumulate;
  const [summed, running, updated] = [learned.map(({ name }) => name), namesOf(followed), namesOf(moved)];
  const sumOf = (name: string): string => stepNames.next(stepNames.gradient(name));
  const adding = await load(options, encodeOnnx(gradients.graph, options), [
    ...summed.map(sumOf),
    ...running.map(stepNames.next),
  ]);
  const updating = await load(options, encodeOnnx(update, options), updated.map(stepNames.next)).catch(
    async (error) => {
      await adding.release();
      throw error;
    },
  );
  const zeros = (): DeviceState =>
    placeState(new Map(learned.map(({ name, shape }) => [name, { data: new Float32Array(sizeOf(shape)), shape }])));
  const values = new Set(parameters.map(({ name }) => name));
  const once = async (step: StepFeeds, given: DeviceState): Promise<{ scalars: StepScalars; state: DeviceState }> => {
    let sums = zeros();
    let statistics: DeviceState = new Map();
    const totals: Record<string, number> = {};
    for (let part = 0; part < parts; part++) {
      const model = new Map([...given, ...statistics].filter(([name]) => values.has(name)));
      const added = Object.fromEntries([...sums].map(([name, tensor]) => [stepNames.gradient(name), tensor]));
      const { outputs, kept } = await adding.run({ ...partOf(step, part, parts), ...stateFeeds(model), ...added });
      disposeState(sums);
      disposeState(statistics);
      sums = keptState(summed, kept, sumOf);
      statistics = keptState(running, kept, stepNames.next);
      for (const [name, value] of Object.entries(scalarsOf(outputs))) totals[name] = (totals[name] ?? 0) + value;
    }
    const state = new Map([...given, ...statistics]);
    const { outputs, kept } = await updating.run({
      ...step,
      ...stateFeeds(state),
      ...stateFeeds(sums, stepNames.gradient),
    });
    disposeState(sums);
    const next = new Map([...keptState(updated, kept, stepNames.next), ...statistics]);
    return { scalars: { ...totals, ...scalarsOf(outputs) }, state: next };
  };
  return {
    parameters,
    state: [...moved, ...followed],
    dropout,
    repeats: false,
    run: async (steps, given) => {
      const scalars: StepScalars[] = [];
      let state = given;
      for (const step of steps) {
        const result = await once(step, state);
        if (state !== given) disposeState(state);
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
