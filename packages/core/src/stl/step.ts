import {
  type Graph,
  type Value,
  add,
  createGraph,
  differentiate,
  float32,
  mul,
  prune,
  scale,
  sub,
} from '../graph/index.js';
import {
  type BatchStatistic,
  type Network,
  type Parameter,
  buildClassifier,
  buildTrunk,
  classifierInput,
} from '../network/index.js';
import { accumulate, asGradient } from './gradient.js';
import { binaryCrossEntropy, crossEntropy, evidencePenalty } from './heads.js';
import { buildLocalizer } from './localizer.js';
import { type MapTerms, addMapTerms } from './map-terms.js';
import type { Method } from './method.js';
import { stepNames } from './step-names.js';
import { type StateTensor, type UpdateOptions, buildUpdate, followStatistics, valueState } from './update.js';

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

export interface TrainingStepOptions extends ModelOptions, UpdateOptions {
  /** Images per minibatch. */
  readonly batch: number;
}

/** A dropout mask that a training step is fed: [batch, width], elements 0 or 1 / (1 - dropout). */
export interface DropoutInput {
  readonly name: string;
  readonly width: number;
}

export interface TrainingStep {
  readonly graph: Graph;
  /** What the model is made of: what is learned, and what is followed (`Parameter.statistic`). */
  readonly parameters: readonly Parameter[];
  /** What goes from step to step: each tensor is fed under its name `t` and comes back as `t/next`. */
  readonly state: readonly StateTensor[];
  readonly dropout: readonly DropoutInput[];
}

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
  /** What is learned, with its value in the graph. */
  parameters: { parameter: Parameter; value: Value }[];
  /** What is followed, with what the minibatch has of it. */
  statistics: BatchStatistic[];
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
  const statistics: BatchStatistic[] = [];
  const trunk = { parameter: parameterSource, followed: (statistic: BatchStatistic) => statistics.push(statistic) };
  const features = buildTrunk(images, network, trunk);
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
  if (!method.classifier) return { loss: localizer, parameters, statistics, dropout };

  const logits = buildClassifier(
    classifierInput(features, network),
    network,
    classes,
    parameterSource,
    (layer, width) => {
      if (network.dropout === 0) return undefined;
      const name = `${layer}/dropout`;
      dropout.push({ name, width });
      return graph.input(name, float32([batch, width]));
    },
  );
  const classifierLoss = graph.scope('classifierLoss', () => lossOf(logits, targets));
  graph.output(stepNames.classifierLoss, classifierLoss);
  const alpha = graph.input(stepNames.alpha, float32([]));
  const loss = graph.scope('objective', () =>
    add(mul(sub(graph.scalar(1), alpha), classifierLoss), mul(alpha, localizer)),
  );
  return { loss, parameters, statistics, dropout };
}

/**
 * One step of training as one graph: the objective, its gradients, the update of every parameter (see `buildUpdate`), and the running
 * statistics of batch normalisation.
 */
export function buildTrainingStep(options: TrainingStepOptions): TrainingStep {
  const graph = createGraph();
  const { loss, parameters, statistics, dropout } = buildObjective(graph, options);
  graph.output(stepNames.loss, loss);
  const values = parameters.map(({ value }) => value);
  const gradients = differentiate(graph, loss, values);
  const updates = parameters.flatMap(({ parameter, value }, index) => {
    const gradient = gradients[index];
    return gradient === undefined ? [] : [{ parameter, value, gradient: asGradient(gradient) }];
  });
  const followed = followStatistics(graph, statistics);
  const moved = buildUpdate(graph, updates, options, followed);
  prune(graph);
  const running = followed.map(({ parameter }) => parameter);
  return {
    graph,
    parameters: [...parameters.map(({ parameter }) => parameter), ...running],
    state: [...moved, ...running.map(valueState)],
    dropout,
  };
}

/** A step in two graphs, for minibatches whose activations do not fit into memory together. */
export interface AccumulatedStep {
  /**
   * Adds the gradients of `batch` images to sums: parameter `p`'s is fed as `p/gradient` and comes back as
   * `p/gradient/next`. The losses are means over these images: for means over a minibatch of k such parts, feed targets
   * divided by k and add up. Its state are the running statistics: each part is normalised by itself.
   */
  readonly gradients: TrainingStep;
  /** The parameters that have a gradient. */
  readonly learned: readonly Parameter[];
  /** Moves the parameters along the sums: its inputs and outputs are those of a training step. */
  readonly update: Graph;
  /** The state of `update`. */
  readonly state: readonly StateTensor[];
}

/** Training steps of which each takes the gradients of several parts of `batch` images, one part after another. */
export function buildAccumulatedStep(options: TrainingStepOptions): AccumulatedStep {
  const { gradient, next } = stepNames;
  const graph = createGraph();
  const { loss, parameters, statistics, dropout } = buildObjective(graph, options);
  graph.output(stepNames.loss, loss);
  const values = parameters.map(({ value }) => value);
  const learned: Parameter[] = [];
  differentiate(graph, loss, values).forEach((found, index) => {
    const { parameter } = parameters[index] as (typeof parameters)[number];
    if (found === undefined) return;
    learned.push(parameter);
    const sum = graph.input(gradient(parameter.name), float32(parameter.shape));
    graph.output(next(gradient(parameter.name)), accumulate(asGradient(found), sum));
  });
  const running = followStatistics(graph, statistics).map(({ parameter }) => parameter);
  prune(graph);

  const update = createGraph();
  const fed = (parameter: Parameter) => ({ parameter, value: update.input(parameter.name, float32(parameter.shape)) });
  const updates = learned.map((parameter) => ({
    ...fed(parameter),
    gradient: asGradient(update.input(gradient(parameter.name), float32(parameter.shape))),
  }));
  const state = buildUpdate(update, updates, options, options.averageDecay === undefined ? [] : running.map(fed));
  prune(update);
  const all = [...parameters.map(({ parameter }) => parameter), ...running];
  return { gradients: { graph, parameters: all, state: running.map(valueState), dropout }, learned, update, state };
}
