import {
  type Graph,
  type Value,
  add,
  concat,
  logSoftmax,
  mul,
  neg,
  reduceSum,
  reduceSumSquare,
  relu,
  scale,
  sizeOf,
  slice,
  softplus,
} from '../graph/index.js';
import { type ParameterSource, convolution } from '../network/index.js';

/**
 * The localizer's maps `Cloc`: a 1x1 convolution of the features [N, C, h, w] to one activation map per class [N, K, h, w].
 * @param reference A class whose map is 0 everywhere, and so its logit under every pooling: the softmax sees the other
 * classes' logits against it, and their evidence has no other map to go to. With two classes that is a single logit.
 * The class has no weights: those of the others are learned, [K - 1, C, 1, 1]. None unless given.
 * @param deviation Standard deviation of the weights' start; that of He initialisation unless given.
 */
export function buildActivationMaps(
  features: Value,
  classes: number,
  parameter: ParameterSource,
  reference?: number,
  deviation?: number,
): Value {
  const learned = reference === undefined ? classes : classes - 1;
  const source = reference === undefined ? parameter : withZeroRow(parameter, features.graph, reference);
  const layer = { name: 'localizer', channels: learned, kernel: 1, stride: 1, pad: [0, 0] } as const;
  return convolution(features, deviation === undefined ? layer : { ...layer, deviation }, source);
}

/** Learned rows of a parameter, with one of zeros put in at `row`. */
function withZeroRow(source: ParameterSource, graph: Graph, row: number): ParameterSource {
  return (parameter) => {
    const { shape } = parameter;
    const [rows = 0, ...rest] = shape;
    const learned = source(parameter);
    const zeros = graph.constant(graph.unusedName(`${parameter.name}/reference`), new Float32Array(sizeOf(rest)), [
      1,
      ...rest,
    ]);
    const part = (from: number, to: number): Value[] =>
      from === to ? [] : [slice(learned, [from, ...rest.map(() => 0)], [to, ...rest])];
    const [first = zeros, ...others] = [...part(0, row), zeros, ...part(row, rows)];
    return concat([first, ...others], 0);
  };
}

/**
 * Penalty of evidence outside the positive class's map: the mean square of the other classes' maps [N, K, h, w], averaged
 * over the minibatch as the cross-entropy is, each image with its weight in the targets [N, K].
 */
export function evidencePenalty(maps: Value, targets: Value, positive: number): Value {
  const [count = 1, classes = 1, height = 1, width = 1] = maps.type.shape;
  const mask = Float32Array.from({ length: classes }, (_, k) => (k === positive ? 0 : 1));
  const others = mul(maps, maps.graph.constant('localizer/others', mask, [1, classes, 1, 1]));
  const squares = reduceSumSquare(others, [1, 2, 3]);
  const weighted = reduceSum(mul(squares, reduceSum(targets, [1])), [0]);
  return scale(weighted, 1 / (count * (classes - 1) * height * width));
}

/**
 * Cross-entropy -sum(t log softmax(logits)) / N over the minibatch: logits and targets [N, K] to a scalar.
 * Rows of zeros in the targets add nothing, other weights than 1 weight their image.
 */
export function crossEntropy(logits: Value, targets: Value): Value {
  const count = logits.type.shape[0] ?? 1;
  return scale(neg(reduceSum(mul(logSoftmax(logits), targets), [0, 1])), 1 / count);
}

/**
 * Binary cross-entropy of K independent sigmoids, for images that may have several classes, summed over the classes and
 * averaged over the minibatch: logits and targets [N, K] to a scalar. Targets are signed: +1 where the class is there, -1
 * where it is not, 0 where nothing is known, which adds nothing; other sizes than 1 weight them.
 */
export function binaryCrossEntropy(logits: Value, targets: Value): Value {
  const count = logits.type.shape[0] ?? 1;
  // -log(sigmoid(x)) = softplus(-x), and -log(1 - sigmoid(x)) = softplus(x).
  const present = mul(relu(targets), softplus(neg(logits)));
  const absent = mul(relu(neg(targets)), softplus(logits));
  return scale(reduceSum(add(present, absent), [0, 1]), 1 / count);
}
