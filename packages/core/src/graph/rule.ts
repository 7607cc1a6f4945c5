import type { OpAttributes, OpName } from './attributes.js';
import type { Node, Value } from './graph.js';
import type { Emitter } from './onnx/emitter.js';
import type { TensorType } from './types.js';

/** What a gradient rule is given: the node, the gradients of its outputs, and which inputs need one. */
export interface GradientRequest<N extends OpName> {
  readonly node: Node<N>;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: OpAttributes[N];
  /** dLoss/dOutput 0; every differentiable op has one output that can carry a gradient, the first. */
  readonly gradient: Value;
  /** Whether input i leads to something that is differentiated for. */
  readonly needed: (input: number) => boolean;
}

/** dLoss/dInput per input; undefined where it is not needed or identically zero. */
export type GradientRule<N extends OpName> = (request: GradientRequest<N>) => readonly (Value | undefined)[];

/** Everything the engine knows of one op. */
export interface OpRule<N extends OpName = OpName> {
  /** Types of the outputs from those of the inputs; throws an Error that says what does not fit. */
  readonly shape: (inputs: readonly TensorType[], attributes: OpAttributes[N]) => readonly TensorType[];
  /** Undefined if the op has no derivative here: differentiating through it is an error that names it. */
  readonly gradient: GradientRule<N> | undefined;
  /** Writes the ONNX nodes that compute `node.outputs` (by their names) from `node.inputs`. */
  readonly emit: (emitter: Emitter, node: Node<N>) => void;
}

export type OpTable = { readonly [N in OpName]: OpRule<N> };
