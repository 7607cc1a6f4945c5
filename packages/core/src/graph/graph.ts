import { WeakspotError, messageOf } from '../errors.js';
import type { OpAttributes, OpName } from './attributes.js';
import type { OpTable } from './rule.js';
import { type Shape, type TensorType, describeType, float32, isPossible, sizeOf } from './types.js';

/** A tensor in a graph: an input, a constant, or one output of a node. */
export interface Value {
  readonly graph: Graph;
  /** Unique in its graph. */
  readonly name: string;
  readonly type: TensorType;
  /** The node that computes it; undefined for inputs and constants. */
  readonly node: Node | undefined;
}

/** One application of an op. */
export interface Node<N extends OpName = OpName> {
  /** Unique in its graph: the scope it was built in, the op and a number. */
  readonly name: string;
  readonly op: N;
  readonly inputs: readonly Value[];
  readonly attributes: OpAttributes[N];
  readonly outputs: readonly Value[];
}

export interface Constant {
  readonly value: Value;
  readonly data: Float32Array;
}

/**
 * A static graph of tensor ops: every shape is known when it is built, nodes stand in an order in which they can run,
 * and nothing is computed. Ops, their shapes and their gradients come from one table of rules.
 */
export class Graph {
  readonly rules: OpTable;
  readonly inputs: Value[] = [];
  readonly constants: Constant[] = [];
  readonly nodes: Node[] = [];
  readonly outputs: { readonly name: string; readonly value: Value }[] = [];
  readonly #names = new Set<string>();
  #scope = '';

  constructor(rules: OpTable) {
    this.rules = rules;
  }

  /** A tensor fed at every run. */
  input(name: string, type: TensorType): Value {
    const value: Value = { graph: this, name: this.#claim(name), type, node: undefined };
    this.inputs.push(value);
    return value;
  }

  /** A float32 tensor that is part of the graph. */
  constant(name: string, data: Float32Array, shape: Shape): Value {
    if (data.length !== sizeOf(shape)) {
      throw new WeakspotError(
        'graph',
        `Constant "${name}" has ${data.length} values for the shape [${shape.join(', ')}].`,
      );
    }
    const value: Value = { graph: this, name: this.#claim(name), type: float32(shape), node: undefined };
    this.constants.push({ value, data });
    return value;
  }

  /** A float32 scalar; equal ones are one constant. */
  scalar(number: number): Value {
    const rounded = Math.fround(number);
    const same = this.constants.find(({ value, data }) => value.type.shape.length === 0 && Object.is(data[0], rounded));
    return same?.value ?? this.constant(this.unusedName(`scalar_${number}`), Float32Array.of(number), []);
  }

  /**
   * Names a value as an output of the graph. Output names share the tensors' and nodes' name space, as in ONNX.
   * @throws WeakspotError `graph` if the name is taken or the value belongs to another graph.
   */
  output(name: string, value: Value): void {
    if (value.graph !== this) throw new WeakspotError('graph', `Output "${name}" belongs to another graph.`);
    if (this.outputs.some((output) => output.name === name)) {
      throw new WeakspotError('graph', `The graph has an output "${name}" already.`);
    }
    this.outputs.push({ name: this.#claim(name), value });
  }

  /** Names nodes that `build` adds `scope/...`, so that errors and profiles say which layer they belong to. */
  scope<T>(scope: string, build: () => T): T {
    const outer = this.#scope;
    this.#scope = scope === '' ? outer : `${outer}${scope}/`;
    try {
      return build();
    } finally {
      this.#scope = outer;
    }
  }

  /**
   * Adds a node and returns its outputs.
   * @throws WeakspotError `graph` if the op's shape rule refuses the inputs; the message names op and node.
   */
  apply<N extends OpName>(op: N, inputs: readonly Value[], attributes: OpAttributes[N]): readonly Value[] {
    const rule = this.rules[op];
    const name = this.unusedName(`${this.#scope}${op}`);
    for (const input of inputs) {
      if (input.graph !== this)
        throw new WeakspotError('graph', `Node "${name}": input "${input.name}" belongs to another graph.`);
    }
    const types = inferTypes(name, op, rule.shape, inputs, attributes);
    this.#names.add(name);
    const outputs: Value[] = [];
    const node: Node<N> = { name, op, inputs, attributes, outputs };
    types.forEach((type, index) => {
      outputs.push({
        graph: this,
        name: this.#claim(index === 0 ? `${name}:y` : `${name}:y${index}`),
        type,
        node,
      });
    });
    this.nodes.push(node);
    return outputs;
  }

  /** `base`, or `base_2`, `base_3` ... if it is taken. */
  unusedName(base: string): string {
    if (!this.#names.has(base)) return base;
    let count = 2;
    while (this.#names.has(`${base}_${count}`)) count++;
    return `${base}_${count}`;
  }

  #claim(name: string): string {
    if (this.#names.has(name))
      throw new WeakspotError('graph', `The graph has a tensor or node named "${name}" already.`);
    this.#names.add(name);
    return name;
  }
}

/**
 * Runs an op's shape rule and checks that its result is a possible type.
 * @throws WeakspotError `graph` naming the op, the node and its inputs' types.
 */
export function inferTypes<N extends OpName>(
  name: string,
  op: N,
  shape: (inputs: readonly TensorType[], attributes: OpAttributes[N]) => readonly TensorType[],
  inputs: readonly Value[],
  attributes: OpAttributes[N],
): readonly TensorType[] {
  try {
    const types = shape(
      inputs.map((input) => input.type),
      attributes,
    );
    for (const type of types) {
      if (!isPossible(type.shape)) throw new Error(`the result would have the impossible type ${describeType(type)}`);
    }
    return types;
  } catch (error) {
    const given = inputs.map((input) => `${input.name}: ${describeType(input.type)}`).join(', ');
    throw new WeakspotError('graph', `Op "${op}" at node "${name}" (${given}): ${messageOf(error)}`, { cause: error });
  }
}
