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
  sameShape,
  stepNames,
} from '@weakspot/core';
import type { RunConfig } from '../run/config.js';
import type { Checkpoint } from '../run/checkpoint.js';
import { dropoutMask } from './minibatches.js';

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

type State = ReadonlyMap<string, HostTensor>;

interface TrainerParts {
  readonly config: RunConfig;
  /** Probability of dropping a hidden unit of the classifier. */
  readonly dropout: number;
  readonly step: TrainingStep;
  readonly training: Session;
  readonly inference: Session;
  readonly weights: State;
  readonly momentum: State;
}

/** Holds a model's weights and momentum and moves them by training steps; one session for steps, one for inference. */
export class Trainer {
  readonly parameters: readonly Parameter[];
  readonly #parts: TrainerParts;
  #weights: State;
  #momentum: State;

  private constructor(parts: TrainerParts) {
    this.parameters = parts.step.parameters;
    this.#parts = parts;
    this.#weights = parts.weights;
    this.#momentum = parts.momentum;
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
      const inference = await createSession(runtime, encodeOnnx(buildInference(options).graph), { threads });
      const { dropout } = options.network;
      return new Trainer({ config, dropout, step, training, inference, weights, momentum });
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

  /** Class probabilities [N, classes] of images [N, 1, height, width], by the localizer. */
  async probabilities(images: Float32Array): Promise<Float32Array> {
    const { config, inference } = this.#parts;
    const { height, width } = config.preprocessing;
    const feeds: Record<string, HostTensor> = {
      ...Object.fromEntries(this.#weights),
      [inferenceNames.images]: { data: images, shape: [images.length / (height * width), 1, height, width] },
    };
    return tensorOf(await inference.run(feeds), inferenceNames.probabilities).data;
  }

  /**
   * The present weights and momentum; tensors are replaced by later steps, never changed.
   * @throws WeakspotError `diverged` if a value is not finite, so that no such checkpoint is ever written.
   */
  state(): Pick<Checkpoint, 'parameters' | 'momentum'> {
    for (const [name, { data }] of [...this.#weights, ...this.#momentum]) {
      if (!data.every(Number.isFinite)) throw divergence(`Values of "${name}" are not finite.`);
    }
    return { parameters: this.#weights, momentum: this.#momentum };
  }

  /** Frees both sessions. */
  async release(): Promise<void> {
    await this.#parts.training.release();
    await this.#parts.inference.release();
  }
}

function stateFrom(
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

function tensorOf(outputs: Readonly<Record<string, HostTensor>>, name: string): HostTensor {
  const tensor = outputs[name];
  if (tensor === undefined) throw new WeakspotError('engine', `The graph gave no output "${name}".`);
  return tensor;
}

/** What it means that a number of the training is not finite; validation tells the same. */
export function divergence(message: string): WeakspotError {
  return new WeakspotError('diverged', message, {
    hint: 'Lower the learning rate, add a warm-up, or clip the gradient norm; the last checkpoint is kept.',
  });
}
