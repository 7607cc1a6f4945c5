import { create } from '@bufbuild/protobuf';
import type { Shape } from '../types.js';
import type { Lowering } from './lowering.js';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
} from './onnx_pb.js';
import { floatTensor, int64Tensor } from './tensor.js';

/** Value of an ONNX attribute: integers, strings, or `{ float }`, since JavaScript has one kind of number. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

const FLOAT = 1;
const INT = 2;
const STRING = 3;
const INTS = 7;

/** Collects ONNX nodes and the small constants they need; each op's emission rule writes through it. */
export class Emitter {
  readonly lowering: Lowering;
  readonly nodes: NodeProto[] = [];
  readonly constants: TensorProto[] = [];
  readonly #constantNames = new Map<string, string>();
  #label = '';
  #count = 0;

  constructor(lowering: Lowering) {
    this.lowering = lowering;
  }

  /** Nodes added from here on are named after this graph node. */
  begin(label: string): void {
    this.#label = label;
    this.#count = 0;
  }

  /** Adds a node that writes the named outputs; `domain` is that of an op outside the ONNX standard. */
  add(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): void {
    const name = `${this.#label}/${opType}_${this.#count++}`;
    const attribute = Object.entries(attributes).map(([key, value]) => encodeAttribute(key, value));
    const [input, output] = [[...inputs], [...outputs]];
    this.nodes.push(create(NodeProtoSchema, { name, opType, domain, input, output, attribute }));
  }

  /** Adds a node with one intermediate output and returns that output's name. */
  make(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): string {
    const output = `${this.#label}/${opType}_${this.#count}:t`;
    this.add(opType, inputs, [output], attributes, domain);
    return output;
  }

  /** Name of a constant int64 vector (axes, shapes, slice bounds); equal ones are one constant. */
  int64s(values: readonly number[]): string {
    return this.#constant(`int64[${values.join(',')}]`, (name) => int64Tensor(name, values));
  }

  /** Name of a constant float32 tensor; equal ones are one constant. */
  floats(values: readonly number[], shape: Shape): string {
    return this.#constant(`float32[${shape.join(',')}](${values.join(',')})`, (name) =>
      floatTensor(name, Float32Array.from(values), shape),
    );
  }

  /** Name of a constant float32 scalar. */
  scalar(value: number): string {
    return this.floats([value], []);
  }

  #constant(key: string, build: (name: string) => TensorProto): string {
    let name = this.#constantNames.get(key);
    if (name === undefined) {
      name = `onnx_constant_${this.#constantNames.size}`;
      this.#constantNames.set(key, name);
      this.constants.push(build(name));
    }
    return name;
  }
}

function encodeAttribute(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: INT, i: BigInt(value) });
  if (typeof value === 'string') return create(AttributeProtoSchema, { name, type: STRING, s: asciiBytes(value) });
  if ('float' in value) return create(AttributeProtoSchema, { name, type: FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: INTS, ints: value.map(BigInt) });
}

/** Attribute strings are ONNX's own keywords: ASCII. */
function asciiBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
