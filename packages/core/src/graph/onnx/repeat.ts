import { create } from '@bufbuild/protobuf';
import { WeakspotError } from '../../errors.js';
import type { Graph } from '../graph.js';
import { type TensorType, float32, sameType } from '../types.js';
import { emitGraph, encodeModel, valueInfo } from './encode.js';
import { type Lowering, lowerings } from './lowering.js';
import {
  type AttributeProto,
  AttributeProtoSchema,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
} from './onnx_pb.js';
import { elementTypes } from './tensor.js';

/** Names of a repeated graph's inputs and outputs, from those of the graph. */
export const repeatNames = {
  /** How often the graph runs: a float32 scalar, a whole number of at least 1. */
  count: 'repeat/count',
  /** An input or output that is not state, with a first axis added: one entry for each time. */
  all: (name: string): string => `${name}/all`,
  /** A state's input: its value before the first time. */
  first: (input: string): string => `${input}/first`,
  /** A state's output: its value after the last time. */
  last: (output: string): string => `${output}/last`,
} as const;

/** AttributeProto types. */
const INT_ATTRIBUTE = 2;
const GRAPH_ATTRIBUTE = 5;

export interface RepeatOptions {
  /** Inputs that take, from the second time on, what an output gave the time before: input name to output name. */
  readonly state: Readonly<Record<string, string>>;
  /** Inputs that are the same every time. They keep their names and shapes. */
  readonly shared?: readonly string[];
  readonly lowering?: Lowering;
}

/**
 * Encodes a graph to be run several times in one call, as an ONNX Loop: its state passes from one time to the next
 * inside the runtime, which otherwise copies every output at every step. Inputs and outputs: `repeatNames`.
 * @throws WeakspotError `graph` if the graph does not verify, or a state's input and output are missing or differ in type.
 */
export function encodeRepeated(
  graph: Graph,
  { state, shared = [], lowering = lowerings.cpu }: RepeatOptions,
): Uint8Array {
  const { nodes, constants } = emitGraph(graph, lowering);
  const carried = Object.entries(state).map(([input, output]) => ({
    input,
    output,
    type: stateType(graph, input, output),
  }));
  const constant = graph.inputs.filter(({ name }) => shared.includes(name));
  const fed = graph.inputs.filter(({ name }) => !(name in state) && !shared.includes(name));
  const kept = new Set(Object.values(state));
  const scanned = graph.outputs.filter(({ name }) => !kept.has(name));

  const { count, all, first, last } = repeatNames;
  const [turns, turn, going, goesOn] = ['repeat/turns', 'repeat/turn', 'repeat/going', 'repeat/goesOn'];
  const once = create(GraphProtoSchema, {
    name: 'once',
    node: [
      ...fed.map(({ name }) => node('Gather', [all(name), turn], [name])),
      ...nodes,
      node('Identity', [going], [goesOn]),
    ],
    initializer: constants,
    input: [
      valueInfo(turn, { dataType: 'int64', shape: [] }),
      valueInfo(going, { dataType: 'bool', shape: [] }),
      ...carried.map(({ input, type }) => valueInfo(input, type)),
    ],
    output: [
      valueInfo(goesOn, { dataType: 'bool', shape: [] }),
      ...carried.map(({ output, type }) => valueInfo(output, type)),
      ...scanned.map(({ name, value }) => valueInfo(name, value.type)),
    ],
  });
  const loop = node(
    'Loop',
    [turns, '', ...carried.map(({ input }) => first(input))],
    [...carried.map(({ output }) => last(output)), ...scanned.map(({ name }) => all(name))],
    [create(AttributeProtoSchema, { name: 'body', type: GRAPH_ATTRIBUTE, g: once })],
  );
  const toInt64 = create(AttributeProtoSchema, { name: 'to', type: INT_ATTRIBUTE, i: BigInt(elementTypes.int64) });
  // The extent stands for any: the first axis is declared by name.
  const stacked = ({ dataType, shape }: TensorType): TensorType => ({ dataType, shape: [1, ...shape] });
  const outer = create(GraphProtoSchema, {
    name: 'weakspot',
    node: [node('Cast', [count], [turns], [toInt64]), loop],
    input: [
      valueInfo(count, float32([])),
      ...constant.map(({ name, type }) => valueInfo(name, type)),
      ...carried.map(({ input, type }) => valueInfo(first(input), type)),
      ...fed.map(({ name, type }) => valueInfo(all(name), stacked(type), count)),
    ],
    output: [
      ...carried.map(({ output, type }) => valueInfo(last(output), type)),
      ...scanned.map(({ name, value }) => valueInfo(all(name), stacked(value.type), count)),
    ],
  });
  return encodeModel(outer, nodes);
}

function node(opType: string, input: string[], output: string[], attribute: AttributeProto[] = []): NodeProto {
  return create(NodeProtoSchema, { name: `repeat/${opType}:${output[0]}`, opType, input, output, attribute });
}

function stateType(graph: Graph, input: string, output: string): TensorType {
  const before = graph.inputs.find(({ name }) => name === input)?.type;
  const after = graph.outputs.find(({ name }) => name === output)?.value.type;
  if (before === undefined || after === undefined || !sameType(before, after)) {
    throw new WeakspotError(
      'graph',
      `Input "${input}" cannot take what output "${output}" gives: one is missing or of another type.`,
    );
  }
  return before;
}
