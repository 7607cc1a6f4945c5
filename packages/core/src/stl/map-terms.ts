import { WeakspotError } from '../errors.js';
import {
  type Value,
  add,
  mul,
  neg,
  reduceMean,
  reduceSum,
  relu,
  scale,
  sigmoid,
  sizeOf,
  slice,
  softplus,
  stopGradient,
  sub,
} from '../graph/index.js';
import { CELLS, largestCells, shareOfCells } from './pooling.js';

/**
 * Weights of terms that speak of the cells of maps, added to the localizer's loss; 0 or absent: without. All are of the evidence z of a
 * class (see `evidenceOf`), and averaged over the minibatch as the cross-entropy is, each image with its weight in the targets: an image
 * of which a term says nothing adds nothing, and counts.
 */
export interface MapTerms {
  /** The positive class; of a multi-label model every class is one by itself. */
  readonly positive: number;
  /** Of `absentTerm`. */
  readonly absent?: number;
  /** Of `backgroundTerm`. */
  readonly background?: number;
  /** Share of the cells of a positive image that are taken for background, in (0, 1]; 0.5 unless given. */
  readonly backgroundShare?: number;
  /** Of `sizeTerm`. */
  readonly size?: number;
  /** The largest share of the cells that may be positive without a penalty, in [0, 1); 0.25 unless given. */
  readonly largestSize?: number;
  /** Of `variationTerm`. */
  readonly variation?: number;
}

/** What terms are made of; E is 1, or of a multi-label model the number of classes. */
export interface Evidence {
  /** [N, E, h, w] */
  readonly z: Value;
  /** Weight of each image that has the class, [N, E]; 0 for others. */
  readonly present: Value;
  /** Weight of each image that has not, [N, E]; 0 for others. */
  readonly absent: Value;
}

/**
 * The evidence for the positive class in each cell: its map minus the mean of the other classes' maps, which with two classes is the
 * logit of a softmax over the cell's activations, and with a reference class the single map. Of a multi-label model each class's own map.
 *
 * @param maps [N, K, h, w]
 * @param targets [N, K], as those of `crossEntropy`, or multi-label those of `binaryCrossEntropy`.
 */
export function evidenceOf(maps: Value, targets: Value, positive: number, multiLabel: boolean): Evidence {
  if (multiLabel) return { z: maps, present: relu(targets), absent: relu(neg(targets)) };
  const { graph } = maps;
  const [, classes = 1] = maps.type.shape;
  const row = (own: number, other: number): Float32Array =>
    Float32Array.from({ length: classes }, (_, k) => (k === positive ? own : other));
  const margin = graph.constant('mapTerms/margin', row(1, -1 / (classes - 1)), [1, classes, 1, 1]);
  const sumOf = (name: string, weights: Float32Array): Value =>
    reduceSum(mul(targets, graph.constant(`mapTerms/${name}`, weights, [1, classes])), [1], true);
  return {
    z: reduceSum(mul(maps, margin), [1], true),
    present: sumOf('present', row(1, 0)),
    absent: sumOf('absent', row(0, 1)),
  };
}

/** Values of images [N, E] with their weights [N, E], summed over the classes and averaged over the minibatch. */
function meanOver(values: Value, weights: Value): Value {
  return scale(reduceSum(mul(values, weights), [0, 1]), 1 / (values.type.shape[0] ?? 1));
}

/**
 * Every cell of an image without the class is without it: the mean over the image's cells of softplus(z) = -log(1 - sigmoid(z)), the
 * cross-entropy of a cell that is negative. Multiple-instance learning's own assumption (a bag without the label has no instance with
 * it), as a term of dense prediction the suppression constraint of Pathak et al., ICCV 2015, and the term of fully negative samples of
 * Belharbi et al., MIDL 2022 (PMLR 172, 103-129).
 */
export function absentTerm({ z, absent }: Evidence): Value {
  return meanOver(reduceMean(softplus(z), CELLS), absent);
}

/**
 * Part of an image with the class is background: the mean of softplus(z) over the `share` of its cells in which z is lowest, at least one;
 * equal ones share what is left equally. The background constraint of Pathak et al., ICCV 2015, that a part of each image is
 * background, as a loss of those cells that come nearest to it.
 *
 * @param share In (0, 1].
 * @throws WeakspotError `usage` if it is not.
 */
export function backgroundTerm({ z, present }: Evidence, share: number): Value {
  if (!(share > 0 && share <= 1)) {
    throw new WeakspotError('usage', `The share of cells that are background must be in (0, 1], not ${share}.`);
  }
  const count = shareOfCells(z, share);
  const lowest = stopGradient(largestCells(neg(z), count));
  return meanOver(scale(reduceSum(mul(softplus(z), lowest), CELLS), 1 / count), present);
}

/**
 * What is positive of an image with the class is not all of it: the square of what the mean of sigmoid(z) over the cells exceeds
 * `largest`. The upper bound of the size penalty of Kervadec et al., Medical Image Analysis 54 (2019), 88-99, of the share of the cells
 * in place of their number; the cross-entropy stands for its lower bound.
 *
 * @param largest In [0, 1).
 * @throws WeakspotError `usage` if it is not.
 */
export function sizeTerm({ z, present }: Evidence, largest: number): Value {
  if (!(largest >= 0 && largest < 1)) {
    throw new WeakspotError('usage', `The largest share of cells that are positive must be in [0, 1), not ${largest}.`);
  }
  const excess = relu(sub(reduceMean(sigmoid(z), CELLS), z.graph.scalar(largest)));
  return meanOver(mul(excess, excess), present);
}

/**
 * Neighbouring cells are alike: the total variation of sigmoid(z), the sum of the absolute differences of cells that share an edge, over
 * the number of cells. Of images with and without the class. After Rudin, Osher and Fatemi, Physica D 60 (1992), 259-268; of a map
 * that explains a network as in Fong and Vedaldi, ICCV 2017.
 */
export function variationTerm({ z, present, absent }: Evidence): Value {
  const p = sigmoid(z);
  const [n = 1, e = 1, h = 1, w = 1] = z.type.shape;
  const steps = [2, 3].flatMap((axis) => {
    const extent = axis === 2 ? h : w;
    if (extent < 2) return [];
    const part = (from: number, to: number): Value =>
      slice(p, axis === 2 ? [0, 0, from, 0] : [0, 0, 0, from], axis === 2 ? [n, e, to, w] : [n, e, h, to]);
    const step = sub(part(1, extent), part(0, extent - 1));
    // |x|, whose gradient at 0 is 0.
    return [reduceSum(add(relu(step), relu(neg(step))), CELLS)];
  });
  const total = steps.length === 0 ? scale(reduceSum(p, CELLS), 0) : steps.reduce(add);
  return meanOver(scale(total, 1 / sizeOf([h, w])), add(present, absent));
}

/** The localizer's loss with the terms whose weight is above 0. */
export function addMapTerms(loss: Value, maps: Value, targets: Value, terms: MapTerms, multiLabel: boolean): Value {
  const { positive, absent = 0, background = 0, backgroundShare = 0.5, size = 0, largestSize = 0.25 } = terms;
  const { variation = 0 } = terms;
  const rules: readonly [number, string, (evidence: Evidence) => Value][] = [
    [absent, 'absent', absentTerm],
    [background, 'background', (evidence) => backgroundTerm(evidence, backgroundShare)],
    [size, 'size', (evidence) => sizeTerm(evidence, largestSize)],
    [variation, 'variation', variationTerm],
  ];
  const used = rules.filter(([weight]) => weight > 0);
  if (used.length === 0) return loss;
  return loss.graph.scope('mapTerms', () => {
    const evidence = evidenceOf(maps, targets, positive, multiLabel);
    return used.reduce(
      (sum, [weight, name, term]) =>
        add(
          sum,
          scale(
            loss.graph.scope(name, () => term(evidence)),
            weight,
          ),
        ),
      loss,
    );
  });
}
