import { type Node, type Value, add, gemm, mul, reduceSum, reduceSumSquare, scale, sqrt } from '../graph/index.js';

/**
 * The gradient of a parameter: a tensor, or, for a fully connected weight [I, O], the product left^T right of the
 * layer's input [N, I] and the gradient of its output [N, O]. With N images in a minibatch and thousands of units the
 * factors are far smaller than the product, which need never exist.
 */
export type Gradient =
  | { readonly kind: 'tensor'; readonly value: Value }
  | { readonly kind: 'product'; readonly left: Value; readonly right: Value };

/** A gradient as differentiation made it, taken apart where it is a product left^T right and nothing else needs it. */
export function asGradient(value: Value): Gradient {
  const { node } = value;
  if (node === undefined || !isGemm(node) || !node.attributes.transA || node.attributes.transB) {
    return { kind: 'tensor', value };
  }
  const [left, right, addend] = node.inputs;
  if (left === undefined || right === undefined || addend !== undefined) return { kind: 'tensor', value };
  return { kind: 'product', left, right };
}

/** A gradient as one tensor. */
export function wholeOf(gradient: Gradient): Value {
  return gradient.kind === 'tensor' ? gradient.value : gemm(gradient.left, gradient.right, { transA: true });
}

/** Euclidean norm of all gradients taken as one vector. */
export function euclideanNorm(gradients: readonly Gradient[]): Value {
  return sqrt(gradients.map(sumOfSquares).reduce(add));
}

/** Of a product, sum((L^T R)^2) = sum(L L^T * R R^T), two matrices of N x N. */
function sumOfSquares(gradient: Gradient): Value {
  if (gradient.kind === 'tensor') {
    const { value } = gradient;
    return reduceSumSquare(
      value,
      value.type.shape.map((_, axis) => axis),
    );
  }
  const [left, right] = [gradient.left, gradient.right].map((factor) => gemm(factor, factor, { transB: true }));
  return reduceSum(mul(left as Value, right as Value), [0, 1]);
}

/** sum + gradient; a product is added in one pass. */
export function accumulate(gradient: Gradient, sum: Value): Value {
  return gradient.kind === 'tensor' ? add(sum, gradient.value) : addProduct(gradient.left, gradient.right, sum, 1);
}

/** momentum * velocity + step * gradient; a product is added to the velocity in one pass. */
export function descend(gradient: Gradient, step: Value, velocity: Value, momentum: number): Value {
  if (gradient.kind === 'tensor') return add(scale(velocity, momentum), mul(gradient.value, step));
  return addProduct(gradient.left, mul(gradient.right, step), velocity, momentum);
}

/** left^T right + factor * addend */
function addProduct(left: Value, right: Value, addend: Value, factor: number): Value {
  const attributes = { transA: true, transB: false, beta: factor };
  return addend.graph.apply('gemm', [left, right, addend], attributes)[0] as Value;
}

function isGemm(node: Node): node is Node<'gemm'> {
  return node.op === 'gemm';
}
