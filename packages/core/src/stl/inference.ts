import { type Graph, type Value, createGraph, float32, prune, sigmoid, softmax } from '../graph/index.js';
import {
  type Parameter,
  type ParameterSource,
  type ReceptiveField,
  buildTrunk,
  receptiveField,
} from '../network/index.js';
import { type Flips, meanOverFlips } from './flips.js';
import { buildLocalizer } from './localizer.js';
import type { Pooled } from './pooling.js';
import type { ModelOptions } from './step.js';

/** Names of the inference graph's input and outputs, also those of an exported model. */
export const inferenceNames = {
  /** [N, 1, H, W], intensities as the preprocessing leaves them. */
  images: 'images',
  /** [N, K], the localizer's, which are what STL reports (paper, section 3). Each row sums to 1, unless it is multi-label. */
  probabilities: 'probabilities',
  /** [N, K, h, w], one activation map per class. */
  activationMaps: 'activation_maps',
  /** [N, K], the pooled maps, whose softmax (or, multi-label, sigmoid) the probabilities are. */
  logits: 'logits',
} as const;

export interface InferenceGraph {
  readonly graph: Graph;
  readonly parameters: readonly Parameter[];
}

export interface InferenceOptions extends ModelOptions {
  /** Images of a call; 1 unless given. */
  readonly batch?: number;
  /** Maps and logits are the means over the images and their mirror images (see `meanOverFlips`); only the images' unless given. */
  readonly flips?: Flips;
}

/**
 * Trunk and localizer: images to class probabilities, activation maps and logits. The classifier is needed for training only.
 * No node depends on the minibatch size, so the graph can be encoded with a free batch axis.
 * @param parameterValue makes a parameter's value; as inputs of the graph unless given.
 */
export function buildInference(
  options: InferenceOptions,
  parameterValue?: (graph: Graph, parameter: Parameter) => Value,
): InferenceGraph {
  return buildReading(options, parameterValue, {
    cells: receptiveField(options.network),
    pass: (images, source) => buildLocalizer(buildTrunk(images, options.network, source), options, source),
  });
}

/** One reading of images. */
export interface Reading {
  /** Where the cells of the maps lie. */
  readonly cells: ReceptiveField;
  /** Images to maps, and to the logits of which the probabilities are. */
  readonly pass: (images: Value, source: ParameterSource) => Pooled;
}

/** A graph with the inference graph's input and outputs. */
export function buildReading(
  options: InferenceOptions,
  parameterValue: ((graph: Graph, parameter: Parameter) => Value) | undefined,
  { cells, pass }: Reading,
): InferenceGraph {
  const { batch = 1, width, height, multiLabel = false, flips } = options;
  const graph = createGraph();
  const { parameters, source } = collectParameters(graph, parameterValue);
  const images = graph.input(inferenceNames.images, float32([batch, 1, height, width]));
  const { maps, logits } = meanOverFlips(images, flips, cells, (seen) => pass(seen, source));
  graph.output(inferenceNames.probabilities, (multiLabel ? sigmoid : softmax)(logits));
  graph.output(inferenceNames.activationMaps, maps);
  graph.output(inferenceNames.logits, logits);
  prune(graph);
  return { graph, parameters };
}

/**
 * Where a graph without a loss takes its parameters from, and which ones it asked for: each once, however often it is asked for.
 * @param parameterValue makes a parameter's value; as inputs of the graph unless given.
 */
function collectParameters(
  graph: Graph,
  parameterValue: ((graph: Graph, parameter: Parameter) => Value) | undefined,
): { readonly parameters: readonly Parameter[]; readonly source: ParameterSource } {
  const parameters: Parameter[] = [];
  const values = new Map<string, Value>();
  const source: ParameterSource = (parameter) => {
    const known = values.get(parameter.name);
    if (known !== undefined) return known;
    const value = parameterValue?.(graph, parameter) ?? graph.input(parameter.name, float32(parameter.shape));
    parameters.push(parameter);
    values.set(parameter.name, value);
    return value;
  };
  return { parameters, source };
}
