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

/** Holds a model's weights and momentum and moves them by training steps; one session for steps, one for inference. */
export class Trainer {
  readonly parameters: readonly Parameter[];
  readonly #step: TrainingStep;
  readonly #training: Session;
  readonly #inference: Session;
  readonly #config: RunConfig;
  readonly #dropout: number;
  #weights: State;
  #momentum: State;

  private constructor(step: TrainingStep, training: Session, inference: Session, config: RunConfig, dropout: number, start: Checkpoint | undefined) {
    this.parameters = step.parameters;
    this.#step = step;
    this.#training = training;
    this.#inference = inference;
    this.#config = config;
    this.#dropout = dropout;
    const zeros = (parameter: Parameter): Float32Array => new Float32Array(parameter.shape.reduce((a, b) => a * b, 1));
    this.#weights = this.#stateFrom(start?.parameters, (parameter) => initialise(parameter, config.seed));
    this.#momentum = this.#stateFrom(start?.momentum, zeros);
  }

  /** Builds the graphs, loads them, and starts from a checkpoint or from the run's seed. */
  static async create(runtime: OnnxRuntime, config: RunConfig, options: ModelOptions, start: Checkpoint | undefined): Promise<Trainer> {
    const { batch, optimizer, threads } = config;
    const step = buildTrainingStep({
      ...options,
      batch,
      momentum: optimizer.momentum,
      weightDecay: optimizer.weightDecay,
      clipNorm: optimizer.clipNorm ?? undefined,
    });
    const training = await createSession(runtime, encodeOnnx(step.graph), { threads });
    const inference = await createSession(runtime, encodeOnnx(buildInference(options).graph), { threads });
    return new Trainer(step, training, inference, config, options.network.dropout, start);
  }

  /**
   * Runs one step. If its loss or gradient is not finite the weights stay as they were.
   * @throws WeakspotError `diverged` saying what was not finite.
   */
  async step({ images, targets, alpha, learningRate, index }: StepInput): Promise<StepResult> {
    const { batch, preprocessing, seed } = this.#config;
    const feeds: Record<string, HostTensor> = {
      [stepNames.images]: { data: images, shape: [batch, 1, preprocessing.height, preprocessing.width] },
      [stepNames.targets]: { data: targets, shape: [batch, targets.length / batch] },
      [stepNames.alpha]: { data: Float32Array.of(alpha), shape: [] },
      [stepNames.learningRate]: { data: Float32Array.of(learningRate), shape: [] },
    };
    for (const { name, width } of this.#step.dropout) {
      const random = new Random(seed, 'dropout', name, index);
      feeds[name] = { data: dropoutMask(batch, width, this.#dropout, random), shape: [batch, width] };
    }
    for (const [name, tensor] of this.#weights) feeds[name] = tensor;
    for (const [name, tensor] of this.#momentum) feeds[stepNames.momentum(name)] = tensor;
    const outputs = await this.#training.run(feeds);
    const scalar = (name: string): number => tensorOf(outputs, name).data[0] ?? Number.NaN;
    const result: StepResult = {
      loss: scalar(stepNames.loss),
      classifierLoss: stepNames.classifierLoss in outputs ? scalar(stepNames.classifierLoss) : null,
      localizerLoss: scalar(stepNames.localizerLoss),
      gradientNorm: scalar(stepNames.gradientNorm),
    };
    if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradientNorm)) {
      const what = Number.isFinite(result.loss) ? 'norm of the gradient' : 'loss';
      throw new WeakspotError('diverged', `The ${what} is not finite (loss ${result.loss}, gradient norm ${result.gradientNorm}).`, {
        hint: 'Lower the learning rate, add a warm-up, or clip the gradient norm; the last checkpoint is kept.',
      });
    }
    const next = (name: string): HostTensor => tensorOf(outputs, stepNames.next(name));
    this.#weights = new Map(this.parameters.map(({ name }) => [name, next(name)]));
    this.#momentum = new Map(this.parameters.map(({ name }) => [name, next(stepNames.momentum(name))]));
    return result;
  }

  /** Class probabilities [N, classes] of images [N, 1, height, width], by the localizer. */
  async probabilities(images: Float32Array): Promise<Float32Array> {
    const { height, width } = this.#config.preprocessing;
    const feeds: Record<string, HostTensor> = {
      ...Object.fromEntries(this.#weights),
      [inferenceNames.images]: { data: images, shape: [images.length / (height * width), 1, height, width] },
    };
    return tensorOf(await this.#inference.run(feeds), inferenceNames.probabilities).data;
  }

  /** The present weights and momentum; tensors are replaced by later steps, never changed. */
  state(): Pick<Checkpoint, 'parameters' | 'momentum'> {
    return { parameters: this.#weights, momentum: this.#momentum };
  }

  /** Frees both sessions. */
  async release(): Promise<void> {
    await this.#training.release();
    await this.#inference.release();
  }

  #stateFrom(stored: State | undefined, make: (parameter: Parameter) => Float32Array): State {
    const state = new Map<string, HostTensor>();
    for (const parameter of this.parameters) {
      const { name, shape } = parameter;
      const tensor = stored?.get(name);
      if (stored !== undefined && (tensor === undefined || !sameShape(tensor.shape, shape))) {
        throw new WeakspotError('model', `The checkpoint's "${name}" is ${tensor === undefined ? 'missing' : `[${tensor.shape.join(', ')}]`}, the network's [${shape.join(', ')}].`, {
          hint: 'The checkpoint belongs to another configuration.',
        });
      }
      state.set(name, tensor ?? { data: make(parameter), shape });
    }
    return state;
  }
}

function tensorOf(outputs: Readonly<Record<string, HostTensor>>, name: string): HostTensor {
  const tensor = outputs[name];
  if (tensor === undefined) throw new WeakspotError('engine', `The graph gave no output "${name}".`);
  return tensor;
}
