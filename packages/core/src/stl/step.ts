import {
  type Graph,
  type Value,
  add,
  createGraph,
  differentiate,
  div,
  flatten,
  float32,
  maximum,
  mul,
  neg,
  prune,
  scale,
  sub,
} from '../graph/index.js';
import { type Network, type Parameter, buildClassifier, buildTrunk } from '../network/index.js';
import { binaryCrossEntropy, crossEntropy, evidencePenalty } from './heads.js';
import { buildLocalizer } from './localizer.js';
import { type MapTerms, addMapTerms } from './map-terms.js';
import type { Method } from './method.js';
import { type Gradient, accumulate, asGradient, descend, euclideanNorm } from './update.js';

export interface ModelOptions {
  readonly method: Method;
  readonly network: Network;
  readonly classes: number;
  /** r of LSE pooling; where it is learned, its start. */
  readonly sharpness: number;
  /** Share of the cells that top-k pooling averages; 0.2 unless given. */
  readonly topShare?: number;
  /** Network input in pixels. */
  readonly width: number;
  readonly height: number;
  /** Images may have several classes: K independent sigmoids instead of a softmax, and signed targets. */
  readonly multiLabel?: boolean;
  /** The class whose logit and map are 0 (see `buildActivationMaps`); none unless given, as in the paper. */
  readonly reference?: number;
  /** Penalty of evidence outside the positive class's map (see `evidencePenalty`); none unless given, as in the paper. */
  readonly penalty?: { readonly positive: number; readonly weight: number };
  /** Terms of the cells of the maps (see `MapTerms`); none unless given, as in the paper. */
  readonly mapTerms?: MapTerms;
}

export interface TrainingStepOptions extends ModelOptions {
  /** Images per minibatch. */
  readonly batch: number;
  /** Momentum of SGD, in [0, 1). */
  readonly momentum: number;
  /** L2 penalty added to the gradient of weights; biases are not decayed. */
  readonly weightDecay: number;
  /** The gradient of all parameters together is scaled down to this Euclidean norm; undefined: never. */
  readonly clipNorm: number | undefined;
}

/** A dropout mask that a training step is fed: [batch, width], elements 0 or 1 / (1 - dropout). */
export interface DropoutInput {
  readonly name: string;
  readonly width: number;
}

export interface TrainingStep {
  readonly graph: Graph;
  readonly parameters: readonly Parameter[];
  readonly dropout: readonly DropoutInput[];
}

/** Names of the training step's inputs and outputs. Parameter `p` is fed as `p` and `p/momentum`, and comes back as `p/next` and `p/momentum/next`. */
export const stepNames = {
  images: 'images',
  targets: 'targets',
  alpha: 'alpha',
  learningRate: 'learningRate',
  loss: 'loss',
  classifierLoss: 'classifierLoss',
  localizerLoss: 'localizerLoss',
  gradientNorm: 'gradientNorm',
  momentum: (parameter: string): string => `${parameter}/momentum`,
  gradient: (parameter: string): string => `${parameter}/gradient`,
  next: (tensor: string): string => `${tensor}/next`,
} as const;

/**
 * The forward part of a training step in `graph`: loss = (1 - alpha) CE(y_cls, t) + alpha CE(y_loc, t) (paper, eq. 1).
 * Without a classifier the loss is the localizer's alone. A penalty, ours, and terms of the maps' cells add to the localizer's
 * share; the losses that are put out are the cross-entropies. Returns what the backward part needs.
 */
export function buildObjective(
  graph: Graph,
  options: ModelOptions & { readonly batch: number },
): {
  loss: Value;
  parameters: { parameter: Parameter; value: Value }[];
  dropout: DropoutInput[];
} {
  const { method, network, classes, batch } = options;
  const parameters: { parameter: Parameter; value: Value }[] = [];
  const dropout: DropoutInput[] = [];
  const parameterSource = (parameter: Parameter): Value => {
    const value = graph.input(parameter.name, float32(parameter.shape));
    parameters.push({ parameter, value });
    return value;
  };
  const images = graph.input(stepNames.images, float32([batch, 1, options.height, options.width]));
  const targets = graph.input(stepNames.targets, float32([batch, classes]));
  const features = buildTrunk(images, network, parameterSource);
  const { maps, logits: pooled } = buildLocalizer(features, options, parameterSource);
  const lossOf = options.multiLabel === true ? binaryCrossEntropy : crossEntropy;
  const localizerLoss = graph.scope('localizerLoss', () => lossOf(pooled, targets));
  graph.output(stepNames.localizerLoss, localizerLoss);
  const { penalty, mapTerms, multiLabel = false } = options;
  const penalized =
    penalty === undefined || options.reference !== undefined
      ? localizerLoss
      : graph.scope('penalty', () =>
          add(localizerLoss, scale(evidencePenalty(maps, targets, penalty.positive), penalty.weight)),
        );
  const localizer = mapTerms === undefined ? penalized : addMapTerms(penalized, maps, targets, mapTerms, multiLabel);
  if (!method.classifier) return { loss: localizer, parameters, dropout };

  const logits = buildClassifier(flatten(features), network, classes, parameterSource, (layer, width) => {
    if (network.dropout === 0) return undefined;
    const name = `${layer}/dropout`;
    dropout.push({ name, width });
    return graph.input(name, float32([batch, width]));
  });
  const classifierLoss = graph.scope('classifierLoss', () => lossOf(logits, targets));
  graph.output(stepNames.classifierLoss, classifierLoss);
  const alpha = graph.input(stepNames.alpha, float32([]));
  const loss = graph.scope('objective', () =>
    add(mul(sub(graph.scalar(1), alpha), classifierLoss), mul(alpha, localizer)),
  );
  return { loss, parameters, dropout };
}

/**
 * One step of training as one graph: the objective, its gradients, and SGD with momentum for every parameter,
 * v' = momentum * v - learningRate * (g + weightDecay * w), w' = w + v' (Krizhevsky et al. 2012, as Caffe has it).
 */
export function buildTrainingStep(options: TrainingStepOptions): TrainingStep {
  const graph = createGraph();
  const { loss, parameters, dropout } = buildObjective(graph, options);
  graph.output(stepNames.loss, loss);
  const values = parameters.map(({ value }) => value);
  const gradients = differentiate(graph, loss, values);
  const updates = parameters.flatMap(({ parameter, value }, index) => {
    const gradient = gradients[index];
    return gradient === undefined ? [] : [{ parameter, value, gradient: asGradient(gradient) }];
  });
  buildUpdate(graph, updates, options);
  prune(graph);
  return { graph, parameters: parameters.map(({ parameter }) => parameter), dropout };
}

/** A step in two graphs, for minibatches whose activations do not fit into memory together. */
export interface AccumulatedStep {
  /**
   * Adds the gradients of `batch` images to sums: parameter `p`'s is fed as `p/gradient` and comes back as
   * `p/gradient/next`. The losses are means over these images: for means over a minibatch of k such parts, feed targets
   * divided by k and add up.
   */
  readonly gradients: TrainingStep;
  /** Moves the parameters along the sums: their inputs and outputs are those of a training step. */
  readonly update: Graph;
}

/** Training steps of which each takes the gradients of several parts of `batch` images, one part after another. */
export function buildAccumulatedStep(options: TrainingStepOptions): AccumulatedStep {
  const { gradient, next } = stepNames;
  const graph = createGraph();
  const { loss, parameters, dropout } = buildObjective(graph, options);
  graph.output(stepNames.loss, loss);
  const values = parameters.map(({ value }) => value);
  const used: Parameter[] = [];
  differentiate(graph, loss, values).forEach((found, index) => {
    const { parameter } = parameters[index] as (typeof parameters)[number];
    if (found === undefined) return;
    used.push(parameter);
    const sum = graph.input(gradient(parameter.name), float32(parameter.shape));
    graph.output(next(gradient(parameter.name)), accumulate(asGradient(found), sum));
  });
  prune(graph);

  const update = createGraph();
  const updates = used.map((parameter) => ({
    parameter,
    value: update.input(parameter.name, float32(parameter.shape)),
    gradient: asGradient(update.input(gradient(parameter.name), float32(parameter.shape))),
  }));
  buildUpdate(update, updates, options);
  prune(update);
  return { gradients: { graph, parameters: parameters.map(({ parameter }) => parameter), dropout }, update };
}

/** Gradient norm, clipping and SGD with momentum; inputs and outputs as `stepNames` says. */
function buildUpdate(
  graph: Graph,
  updates: readonly { readonly parameter: Parameter; readonly value: Value; readonly gradient: Gradient }[],
  { momentum, weightDecay, clipNorm }: Pick<TrainingStepOptions, 'momentum' | 'weightDecay' | 'clipNorm'>,
): void {
  const learningRate = graph.input(stepNames.learningRate, float32([]));
  graph.scope('update', () => {
    const norm = euclideanNorm(updates.map(({ gradient }) => gradient));
    graph.output(stepNames.gradientNorm, norm);
    const limit = clipNorm === undefined ? undefined : graph.scalar(clipNorm);
    // -learningRate * min(1, limit / norm), written so that a norm of zero divides nothing by zero.
    const step = neg(limit === undefined ? learningRate : mul(learningRate, div(limit, maximum(norm, limit))));
    for (const { parameter, value, gradient } of updates) {
      const velocity = graph.input(stepNames.momentum(parameter.name), float32(parameter.shape));
      let nextVelocity = descend(gradient, step, velocity, momentum);
      if (weightDecay > 0 && parameter.fanIn > 0) {
        nextVelocity = sub(nextVelocity, mul(value, scale(learningRate, weightDecay)));
      }
      graph.output(stepNames.next(stepNames.momentum(parameter.name)), nextVelocity);
      graph.output(stepNames.next(parameter.name), add(value, nextVelocity));
    }
  });
}
