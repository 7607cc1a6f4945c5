import {
  type HostTensor,
  type ModelOptions,
  type OnnxRuntime,
  type Parameter,
  Random,
  type Session,
  type TrainingStep,
  WeakspotError,
  buildInference,
  buildTrainingStep,
  createSession,
  encodeOnnx,
  inferenceNames,
  initialise,
  stepNames,
} from '@weakspot/core';
import type { RunConfig } from '../run/config.js';
import type { Checkpoint } from '../run/checkpoint.js';
import { dropoutMask } from './minibatches.js';
import { type State, checkFinite, divergence, stateFrom } from './state.js';

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

interface TrainerParts {
  readonly config: RunConfig;
  /** Probability of dropping a hidden unit of the classifier. */
  readonly dropout: number;
  readonly step: TrainingStep;
  readonly training: Session;
  readonly inference: Session;
}

/** Holds a model's weights and momentum and moves them by training steps; one session for steps, one for inference. */
export class Trainer {
  readonly parameters: readonly Parameter[];
  readonly #parts: TrainerParts;
  #weights: State;
  #momentum: State;

  private constructor(parts: TrainerParts, weights: State, momentum: State) {
    this.parameters = parts.step.parameters;
    this.#parts = parts;
    this.#weights = weights;
    this.#momentum = momentum;
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
    start: Pick<Checkpoint, 'parameters' | 'momentum'> | undefined,
  ): Promise<Trainer> {
    const { batch, optimizer, threads, seed } = config;
    const step = buildTrainingStep({
      ...options,
      batch,
      momentum: optimizer.momentum,
      weightDecay: optimizer.weightDecay,
      clipNorm: optimizer.clipNorm ?? undefined,
    });
    const zeros = ({ shape }: Parameter): Float32Array => new Float32Array(shape.reduce((a, b) => a * b, 1));
    const weights = stateFrom(step.parameters, start?.parameters, (parameter) => initialise(parameter, seed));
    const momentum = stateFrom(step.parameters, start?.momentum, zeros);
    const training = await createSession(runtime, encodeOnnx(step.graph), { threads });
    try {
      const inference = await createSession(runtime, encodeOnnx(buildInference({ ...options, batch }).graph), {
        threads,
      });
      const { dropout } = options.network;
      return new Trainer({ config, dropout, step, training, inference }, weights, momentum);
    } catch (error) {
      await training.release();
      throw error;
    }
  }

  /**
   * Runs one step. If its loss or gradient is not finite the weights stay as they were.
   * @throws WeakspotError `diverged` saying what was not finite.
   */
  async step({ images, targets, alpha, learningRate, index }: StepInput): Promise<StepResult> {
    const { config, dropout, step, training } = this.#parts;
    const { batch, preprocessing, seed } = config;
    const feeds: Record<string, HostTensor> = {
      [stepNames.images]: { data: images, shape: [batch, 1, preprocessing.height, preprocessing.width] },
      [stepNames.targets]: { data: targets, shape: [batch, targets.length / batch] },
      [stepNames.alpha]: { data: Float32Array.of(alpha), shape: [] },
      [stepNames.learningRate]: { data: Float32Array.of(learningRate), shape: [] },
    };
    for (const { name, width } of step.dropout) {
      const random = new Random(seed, 'dropout', name, index);
      feeds[name] = { data: dropoutMask(batch, width, dropout, random), shape: [batch, width] };
    }
    for (const [name, tensor] of this.#weights) feeds[name] = tensor;
    for (const [name, tensor] of this.#momentum) feeds[stepNames.momentum(name)] = tensor;
    const outputs = await training.run(feeds);
    const scalar = (name: string): number => tensorOf(outputs, name).data[0] ?? Number.NaN;
    const result: StepResult = {
      loss: scalar(stepNames.loss),
      classifierLoss: stepNames.classifierLoss in outputs ? scalar(stepNames.classifierLoss) : null,
      localizerLoss: scalar(stepNames.localizerLoss),
      gradientNorm: scalar(stepNames.gradientNorm),
    };
    const { loss, gradientNorm } = result;
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
      const what = Number.isFinite(loss) ? 'norm of the gradient' : 'loss';
      throw divergence(`The ${what} is not finite (loss ${loss}, gradient norm ${gradientNorm}).`);
    }
    const next = (name: string): HostTensor => tensorOf(outputs, stepNames.next(name));
    this.#weights = new Map(this.parameters.map(({ name }) => [name, next(name)]));
    this.#momentum = new Map(this.parameters.map(({ name }) => [name, next(stepNames.momentum(name))]));
    return result;
  }

  /** Class probabilities [N, classes] of any number of images [N, 1, height, width], by the localizer. */
  async probabilities(images: Float32Array): Promise<Float32Array> {
    const { config, inference } = this.#parts;
    const { batch, preprocessing } = config;
    const { height, width } = preprocessing;
    const size = batch * height * width;
    const shape = [batch, 1, height, width];
    const found: number[] = [];
    for (let first = 0; first < images.length; first += size) {
      const part = images.subarray(first, first + size);
      // The graph has a fixed minibatch: the places left over in the last one are zeros.
      const data = new Float32Array(size);
      data.set(part);
      const feeds = { ...Object.fromEntries(this.#weights), [inferenceNames.images]: { data, shape } };
      const probabilities = tensorOf(await inference.run(feeds), inferenceNames.probabilities);
      const [rows, classes = 0] = [part.length / (height * width), probabilities.shape[1]];
      found.push(...probabilities.data.subarray(0, rows * classes));
    }
    return Float32Array.from(found);
  }

  /**
   * The present weights and momentum; tensors are replaced by later steps, never changed.
   * @throws WeakspotError `diverged` if a value is not finite.
   */
  state(): Pick<Checkpoint, 'parameters' | 'momentum'> {
    checkFinite(this.#weights);
    checkFinite(this.#momentum);
    return { parameters: this.#weights, momentum: this.#momentum };
  }

  /** Frees both sessions. */
  async release(): Promise<void> {
    await this.#parts.training.release();
    await this.#parts.inference.release();
  }
}

function tensorOf(outputs: Readonly<Record<string, HostTensor>>, name: string): HostTensor {
  const tensor = outputs[name];
  if (tensor === undefined) throw new WeakspotError('engine', `The graph gave no output "${name}".`);
  return tensor;
}
