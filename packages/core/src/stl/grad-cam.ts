import { WeakspotError } from '../errors.js';
import {
  type Graph,
  type Value,
  concat,
  differentiate,
  mul,
  reduceMean,
  reduceSum,
  relu,
  slice,
} from '../graph/index.js';
import { type Parameter, buildClassifier, buildTrunk, classifierInput, receptiveField } from '../network/index.js';
import { type InferenceGraph, type InferenceOptions, type Reading, buildReading } from './inference.js';

/**
 * Grad-CAM (Selvaraju et al., ICCV 2017) of the classifier `Fcls`, as a baseline beside the localizer: the map of class k is
 * ReLU(sum_c w_c C_c), where C [N, C, h, w] are the features and w_c the mean over the cells of d a_k / d C_c. The graph's
 * own differentiation makes it: input and outputs are those of the inference graph, the probabilities and logits being the
 * classifier's. Dropout is off. The minibatch is fixed.
 * @throws WeakspotError `usage` if the method has no classifier.
 */
export function buildGradCam(
  options: InferenceOptions,
  parameterValue?: (graph: Graph, parameter: Parameter) => Value,
): InferenceGraph {
  const { method, network, classes, batch = 1 } = options;
  if (!method.classifier) {
    throw new WeakspotError('usage', `${method.name} has no classifier, which Grad-CAM needs.`, {
      hint: 'Grad-CAM is for the methods with STL.',
    });
  }
  const pass: Reading['pass'] = (images, source) => {
    const features = buildTrunk(images, network, source);
    const logits = buildClassifier(classifierInput(features, network), network, classes, source, () => undefined);
    const maps = Array.from({ length: classes }, (_, k) => {
      // Images do not see each other, so the gradient of their sum holds each one's own.
      const sum = reduceSum(slice(logits, [0, k], [batch, k + 1]), [0, 1]);
      const [gradient = features] = differentiate(images.graph, sum, [features]);
      const weights = reduceMean(gradient, [2, 3], true);
      return relu(reduceSum(mul(weights, features), [1], true));
    });
    return { logits, maps: concat(maps as [Value, ...Value[]], 1) };
  };
  return buildReading(options, parameterValue, { cells: receptiveField(network), pass });
}
