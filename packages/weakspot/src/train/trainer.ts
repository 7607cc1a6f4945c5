import {
  type CellGrid,
  type DeviceTensor,
  type HeatMap,
  type HostTensor,
  type ModelOptions,
  type OnnxRuntime,
  type Parameter,
  type Provider,
  Random,
  type Session,
  type StateRole,
  buildInference,
  chooseLowering,
  createSession,
  encodeOnnx,
  extentOf,
  inferenceNames,
  mapCells,
  parseMethod,
  sizeOf,
  stepNames,
} from '@weakspot/core';
import type { RunConfig } from '../run/config.js';
import type { Checkpoint } from '../run/checkpoint.js';
import { dropoutMask } from './minibatches.js';
import {
  type DeviceState,
  type StoredState,
  checkFinite,
  disposeState,
  divergence,
  placeState,
  readState,
  startState,
} from './state.js';
import { type StepEngine, type StepFeeds, type StepScalars, openStepEngine } from './step-engine.js';
import { tensorOf } from './step-tensors.js';

export interface StepInput {
  /** [batch, 1, height, width] */
  readonly images: Float32Array;
  /** [batch, classes] */
  readonly targets: Float32Array;
  readonly alpha: number;
  readonly learningRate: number;
  /** Steps of the run before this one: with the seed, the address of this step's dropout masks. */
  readonly index: number;
}

export interface StepResult {
  readonly loss: number;
  readonly classifierLoss: number | null;
  readonly localizerLoss: number;
  readonly gradientNorm: number;
}

/** What the localizer makes of one image. */
export interface LocalizedInput {
  /** One per class. */
  readonly probabilities: readonly number[];
  /** Each class's activation map. */
  readonly maps: readonly (HeatMap & { readonly values: Float32Array })[];
}

interface TrainerParts {
  readonly config: RunConfig;
  /** Probability of dropping a hidden unit of the classifier. */
  readonly dropout: number;
  /** Of the activation maps. */
  readonly cells: CellGrid;
  readonly engine: StepEngine;
  readonly inference: Session;
}

/**
 * Holds a model and what is remembered of its training, and moves it by training steps; one engine for steps, one session for
 * inference. On a provider that keeps tensors they stay on the device from step to step, and inference reads them there.
 */
export class Trainer {
  readonly parameters: readonly Parameter[];
  readonly #parts: TrainerParts;
  #state: DeviceState;

  private constructor(parts: TrainerParts, state: DeviceState) {
    this.parameters = parts.engine.parameters;
    this.#parts = parts;
    this.#state = state;
  }

  /**
   * Builds the graphs, loads them, and starts from a checkpoint or from the run's seed.
   * @throws WeakspotError `model` if the checkpoint's tensors are not the network's; `usage` if the input is too small
   * for the network; `engine` if the runtime refuses a graph.
   */
  static async create(
    runtime: OnnxRuntime,
    config: RunConfig,
    options: ModelOptions,
    start: StoredState | undefined,
    { provider = 'cpu' }: { readonly provider?: Provider } = {},
  ): Promise<Trainer> {
    const { batch, accumulate, threads, seed } = config;
    const lowering = await chooseLowering(runtime, provider);
    const engine = await openStepEngine({ runtime, config, model: options, provider, lowering });
    try {
      const { graph } = buildInference({ ...options, batch: batch / accumulate });
      const session = { provider, threads };
      const inference = await createSession(runtime, encodeOnnx(graph, { lowering }), session);
      const { network } = options;
      const parts = {
        config,
        dropout: network.dropout,
        cells: mapCells(network, 'positive'),
        engine,
        inference,
      };
      return new Trainer(parts, placeState(startState(engine.state, start, seed)));
    } catch (error) {
      await engine.release();
      throw error;
    }
  }

  /** Size of what goes from step to step. */
  get stateBytes(): number {
    const values = this.#parts.engine.state.reduce((sum, { parameter }) => sum + sizeOf(parameter.shape), 0);
    return Float32Array.BYTES_PER_ELEMENT * values;
  }

  /** Whether several steps take less time by one call of `steps` than by several. */
  get repeats(): boolean {
    return this.#parts.engine.repeats;
  }

  /** Runs one step: see `steps`. */
  async step(input: StepInput): Promise<StepResult> {
    return (await this.steps([input]))[0] as StepResult;
  }

  /**
   * Runs steps one after another; how many to a call changes no bit of the results. If the loss or gradient of one is
   * not finite the weights stay as they were before the call.
   * @throws WeakspotError `diverged` saying what was not finite.
   */
  async steps(inputs: readonly StepInput[]): Promise<StepResult[]> {
    if (inputs.length === 0) return [];
    const { engine } = this.#parts;
    const { scalars, state } = await engine.run(
      inputs.map((input) => this.#feeds(input)),
      this.#state,
    );
    try {
      const results = scalars.map(resultOf);
      results.forEach(checkStep);
      disposeState(this.#state);
      this.#state = state;
      return results;
    } catch (error) {
      disposeState(state);
      throw error;
    }
  }

  #feeds({ images, targets, alpha, learningRate, index }: StepInput): StepFeeds {
    const { config, dropout, engine } = this.#parts;
    const { batch, method, optimizer, preprocessing, seed } = config;
    const feeds: Record<string, HostTensor> = {
      [stepNames.images]: { data: images, shape: [batch, 1, preprocessing.height, preprocessing.width] },
      [stepNames.targets]: { data: targets, shape: [batch, targets.length / batch] },
      [stepNames.learningRate]: { data: Float32Array.of(learningRate), shape: [] },
    };
    if (optimizer.kind === 'adamw' || optimizer.ema !== null)
      feeds[stepNames.step] = { data: Float32Array.of(index + 1), shape: [] };
    if (parseMethod(method).classifier) feeds[stepNames.alpha] = { data: Float32Array.of(alpha), shape: [] };
    for (const { name, width } of engine.dropout) {
      const random = new Random(seed, 'dropout', name, index);
      feeds[name] = { data: dropoutMask(batch, width, dropout, random), shape: [batch, width] };
    }
    return feeds;
  }

  /** Class probabilities [N, classes] of any number of images [N, 1, height, width], by the localizer; by its moving average, where there is one. */
  async probabilities(images: Float32Array): Promise<Float32Array> {
    const found: number[] = [];
    for await (const { outputs, rows } of this.#infer(images)) {
      const { data, shape } = tensorOf(outputs, inferenceNames.probabilities);
      found.push(...data.subarray(0, rows * (shape[1] ?? 0)));
    }
    return Float32Array.from(found);
  }

  /** What the localizer makes of each of any number of images [N, 1, height, width]. */
  async localize(images: Float32Array): Promise<LocalizedInput[]> {
    const { config, cells } = this.#parts;
    const found: LocalizedInput[] = [];
    for await (const { outputs, rows } of this.#infer(images)) {
      const probabilities = tensorOf(outputs, inferenceNames.probabilities);
      const maps = tensorOf(outputs, inferenceNames.activationMaps);
      const [, classes = 0, height = 0, width = 0] = maps.shape;
      const extent = extentOf(cells, width, height, config.preprocessing);
      for (let row = 0; row < rows; row++) {
        found.push({
          probabilities: [...probabilities.data.subarray(row * classes, (row + 1) * classes)],
          maps: Array.from({ length: classes }, (_, index) => {
            const first = (row * classes + index) * height * width;
            return { values: maps.data.slice(first, first + height * width), width, height, extent };
          }),
        });
      }
    }
    return found;
  }

  /** The present value of a parameter, on the host; undefined where the network has none of the name. */
  async parameter(name: string): Promise<HostTensor | undefined> {
    return this.#state.get(name)?.read();
  }

  /** What inference is fed of the model. */
  #weights(): Readonly<Record<string, DeviceTensor>> {
    const role = this.#parts.config.optimizer.ema === null ? 'value' : 'average';
    return Object.fromEntries(
      this.#parts.engine.state.flatMap(({ name, parameter, role: found }) => {
        const tensor = this.#state.get(name);
        return found === role && tensor !== undefined ? [[parameter.name, tensor]] : [];
      }),
    );
  }

  /** Runs the localizer on images, a minibatch at a time; of each its outputs and how many of their rows count. */
  async *#infer(
    images: Float32Array,
  ): AsyncGenerator<{ readonly outputs: Readonly<Record<string, HostTensor>>; readonly rows: number }> {
    const { config, inference } = this.#parts;
    const batch = config.batch / config.accumulate;
    const { height, width } = config.preprocessing;
    const size = batch * height * width;
    const shape = [batch, 1, height, width];
    const weights = this.#weights();
    for (let first = 0; first < images.length; first += size) {
      const part = images.subarray(first, first + size);
      // The graph has a fixed minibatch: the places left over in the last one are zeros.
      const data = new Float32Array(size);
      data.set(part);
      yield {
        outputs: await inference.run({ ...weights, [inferenceNames.images]: { data, shape } }),
        rows: part.length / (height * width),
      };
    }
  }

  /**
   * What goes from step to step, on the host, by parameter name; later steps make others and do not change these.
   * @throws WeakspotError `diverged` if a value is not finite; `engine` if the device does not give them.
   */
  async state(): Promise<Pick<Checkpoint, 'parameters' | 'momentum' | 'squares' | 'average'>> {
    const read = await readState(this.#state);
    checkFinite(read);
    const ofRole = (role: StateRole): Checkpoint['parameters'] =>
      new Map(
        this.#parts.engine.state.flatMap(({ name, parameter, role: found }) => {
          const tensor = read.get(name);
          return found === role && tensor !== undefined ? [[parameter.name, tensor]] : [];
        }),
      );
    return {
      parameters: ofRole('value'),
      momentum: ofRole('momentum'),
      squares: ofRole('squares'),
      average: ofRole('average'),
    };
  }

  /** Frees all sessions, and with them the weights. */
  async release(): Promise<void> {
    await this.#parts.engine.release();
    await this.#parts.inference.release();
  }
}

function resultOf(scalars: StepScalars): StepResult {
  const scalar = (name: string): number => scalars[name] ?? Number.NaN;
  return {
    loss: scalar(stepNames.loss),
    classifierLoss: scalars[stepNames.classifierLoss] ?? null,
    localizerLoss: scalar(stepNames.localizerLoss),
    gradientNorm: scalar(stepNames.gradientNorm),
  };
}

function checkStep({ loss, gradientNorm }: StepResult): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  const what = Number.isFinite(loss) ? 'norm of the gradient' : 'loss';
  throw divergence(`The ${what} is not finite (loss ${loss}, gradient norm ${gradientNorm}).`);
}
