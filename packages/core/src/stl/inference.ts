import { type Graph, type Value, createGraph, float32, sigmoid, softmax } from '../graph/index.js';
import { type Parameter, type ParameterSource, buildTrunk } from '../network/index.js';
import { buildLocalizer } from './localizer.js';
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

/**
 * Trunk and localizer: images to class probabilities, activation maps and logits. The classifier is needed for training only.
 * No node depends on the minibatch size, so the graph can be encoded with a free batch axis.
 * @param parameterValue makes a parameter's value; as inputs of the graph unless given.
 */
export function buildInference(
  options: ModelOptions & { readonly batch?: number },
  parameterValue?: (graph: Graph, parameter: Parameter) => Value,
): InferenceGraph {
  const graph = createGraph();
  const { parameters, source } = collectParameters(graph, parameterValue);
  const images = graph.input(inferenceNames.images, float32([options.batch ?? 1, 1, options.height, options.width]));
  const features = buildTrunk(images, options.network, source);
  const { maps, logits } = buildLocalizer(features, options, source);
  graph.output(inferenceNames.probabilities, (options.multiLabel === true ? sigmoid : softmax)(logits));
  graph.output(inferenceNames.activationMaps, maps);
  graph.output(inferenceNames.logits, logits);
  return { graph, parameters };
}

/**
 * Where a graph without a loss takes its parameters from, and which ones it asked for.
 * @param parameterValue makes a parameter's value; as inputs of the graph unless given.
 */
export function collectParameters(
  graph: Graph,
  parameterValue: ((graph: Graph, parameter: Parameter) => Value) | undefined,
): { readonly parameters: readonly Parameter[]; readonly source: ParameterSource } {
  const parameters: Parameter[] = [];
  const source: ParameterSource = (parameter) => {
    parameters.push(parameter);
    return parameterValue?.(graph, parameter) ?? graph.input(parameter.name, float32(parameter.shape));
  };
  return { parameters, source };
}
