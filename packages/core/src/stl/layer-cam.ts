import { WeakspotError } from '../errors.js';
import { type Graph, type Value, concat, conv2d, differentiate, mul, neg, reduceSum, relu } from '../graph/index.js';
import {
  type Network,
  type Parameter,
  type TrunkLayer,
  buildTrunkLayers,
  receptiveField,
  strideOf,
} from '../network/index.js';
import { type InferenceGraph, type InferenceOptions, type Reading, buildReading } from './inference.js';
import { buildLocalizer } from './localizer.js';

/**
 * LayerCAM (Jiang et al., IEEE TIP 30, 2021) of the localizer at the trunk's first pooling, or of a network without one at its last
 * layer with a stride above 1: where in the image its logits come from, in cells that see little. The map of class k is
 *
 *     sum_c relu(d m_k / d A_c) A_c,   m_k = a_k - (mean of the other classes' logits)
 *
 * (of a multi-label model m_k = a_k), A [N, C, h, w] being that layer's output, smoothed by a Gaussian whose standard
 * deviation is half the stride of the activation maps, beyond the image taken as 0. All its values are >= 0, in units of the
 * logit.
 *
 * A cell of the last layer may see the whole image, and labels do not tell where in its field it finds the lesion, so an
 * activation map may lie beside its own evidence (docs/explanation/method.md, "What a cell sees"); this map cannot, by more
 * than the field of the first layers. Input and outputs are those of the inference graph, `activation_maps` being these maps;
 * the graph can be encoded with a free batch axis.
 *
 * @throws WeakspotError `usage` if the network has no such layer.
 */
export function buildLayerCam(
  options: Omit<InferenceOptions, 'batch'>,
  parameterValue?: (graph: Graph, parameter: Parameter) => Value,
): InferenceGraph {
  const { network, classes, multiLabel = false } = options;
  const layer = layerCamLayer(network);
  const pass: Reading['pass'] = (images, source) => {
    const { graph } = images;
    const layers = buildTrunkLayers(images, network, source);
    const shallow = layers.find((built) => built.layer === layer)?.value ?? images;
    const { logits } = buildLocalizer(layers.at(-1)?.value ?? images, options, source);
    const gradientOf = (k: number): Value => {
      const weights = Float32Array.from({ length: classes }, (_, i) =>
        i === k ? 1 : multiLabel ? 0 : -1 / (classes - 1),
      );
      const row = graph.constant(graph.unusedName(`layercam/margin${k}`), weights, [1, classes]);
      const [gradient = shallow] = differentiate(graph, reduceSum(mul(logits, row), [0, 1]), [shallow]);
      return gradient;
    };
    const first = gradientOf(0);
    const gradients = Array.from({ length: classes }, (_, k) => {
      if (k === 0) return first;
      // With two classes the margins are each other's opposite.
      return classes === 2 && !multiLabel ? neg(first) : gradientOf(k);
    });
    const maps = gradients.map((gradient) => reduceSum(mul(relu(gradient), shallow), [1], true));
    return { logits, maps: smooth(concat(maps as [Value, ...Value[]], 1), sigmaIn(network, layer)) };
  };
  // One image, so that no number of images stands in the graph; images do not see each other.
  return buildReading({ ...options, batch: 1 }, parameterValue, { cells: receptiveField(network, layer), pass });
}

/**
 * The layer whose cells LayerCAM's maps have: the trunk's first pooling; of a network without one the last layer with a stride above
 * 1, after which no cell is lost and what a cell sees only grows.
 * @throws WeakspotError `usage` if there is neither.
 */
export function layerCamLayer({ name, trunk }: Network): TrunkLayer {
  const layer = trunk.find(({ kind }) => kind === 'pool') ?? trunk.findLast(({ stride }) => stride > 1);
  if (layer !== undefined) return layer;
  throw new WeakspotError(
    'usage',
    `The network "${name}" has neither a pooling nor a layer with a stride above 1, of which LayerCAM needs one.`,
  );
}

/** Half the stride of the activation maps, in cells of a layer. */
function sigmaIn(network: Network, layer: TrunkLayer): number {
  return strideOf(network) / receptiveField(network, layer).stride / 2;
}

/** Each of the maps [N, K, h, w] with a Gaussian of standard deviation `sigma` cells, cut at three of them, whose weights sum to 1. */
function smooth(maps: Value, sigma: number): Value {
  const [, classes = 1] = maps.type.shape;
  const reach = Math.ceil(3 * sigma);
  const side = 2 * reach + 1;
  const weights = Float32Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [(i % side) - reach, Math.floor(i / side) - reach];
    return Math.exp(-(x * x + y * y) / (2 * sigma * sigma));
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  // A convolution that mixes no classes.
  const kernel = new Float32Array(classes * classes * side * side);
  for (let k = 0; k < classes; k++) {
    kernel.set(
      weights.map((weight) => weight / sum),
      k * (classes + 1) * side * side,
    );
  }
  const { graph } = maps;
  return conv2d(
    maps,
    graph.constant(graph.unusedName('layercam/gaussian'), kernel, [classes, classes, side, side]),
    graph.constant(graph.unusedName('layercam/zero'), new Float32Array(classes), [classes]),
    { strides: [1, 1], pads: [reach, reach, reach, reach] },
  );
}
