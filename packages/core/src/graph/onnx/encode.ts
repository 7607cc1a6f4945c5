import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { WeakspotError, messageOf } from '../../errors.js';
import type { Graph, Node } from '../graph.js';
import type { TensorType } from '../types.js';
import { verify } from '../verify.js';
import { Emitter } from './emitter.js';
import { type Lowering, lowerings } from './lowering.js';
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './onnx_pb.js';
import { elementTypes, floatTensor } from './tensor.js';

/** ONNX opset whose definitions the emission rules follow. */
export const ONNX_OPSET = 18;
const ONNX_IR_VERSION = 9;

export interface EncodeOptions {
  /** Forms of the ops that have several; the CPU's unless given. */
  readonly lowering?: Lowering;
  /** Declares the first axis of every input and output as this named dimension: the graph must not depend on it. */
  readonly batchDimension?: string;
  /** Key-value pairs kept in the model file. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Encodes a graph as an ONNX model (protobuf bytes).
 * @throws WeakspotError `graph` if the graph does not verify, or the lowering has no form of an op (the message names
 * op and node).
 */
export function encodeOnnx(graph: Graph, options: EncodeOptions = {}): Uint8Array {
  const { nodes, constants } = emitGraph(graph, options.lowering ?? lowerings.cpu);
  const body = create(GraphProtoSchema, {
    name: 'weakspot',
    node: nodes,
    initializer: constants,
    input: graph.inputs.map((value) => valueInfo(value.name, value.type, options.batchDimension)),
    output: graph.outputs.map(({ name, value }) => valueInfo(name, value.type, options.batchDimension)),
  });
  return encodeModel(body, nodes, options.metadata);
}

/** The nodes and constants of a verified graph, its outputs under their public names. */
export function emitGraph(graph: Graph, lowering: Lowering): { nodes: NodeProto[]; constants: TensorProto[] } {
  verify(graph);
  const emitter = new Emitter(lowering);
  for (const node of graph.nodes) {
    emitter.begin(node.name);
    emitNode(graph, emitter, node);
  }
  for (const { name, value } of graph.outputs) {
    emitter.begin(`output:${name}`);
    emitter.add('Identity', [value.name], [name]);
  }
  const nodes = dropUnused(
    emitter.nodes,
    graph.outputs.map((output) => output.name),
  );
  const used = new Set(nodes.flatMap((node) => node.input));
  const constants = [
    ...graph.constants.map(({ value, data }) => floatTensor(value.name, data, value.type.shape)),
    ...emitter.constants,
  ].filter((tensor) => used.has(tensor.name));
  return { nodes, constants };
}

/** A model file around a graph; `nodes` are all that use ops, those of inner graphs among them. */
export function encodeModel(
  graph: GraphProto,
  nodes: readonly NodeProto[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(ONNX_IR_VERSION),
    producerName: 'weakspot',
    opsetImport: [
      { domain: '', version: BigInt(ONNX_OPSET) },
      ...otherDomains(nodes).map((domain) => ({ domain, version: 1n })),
    ],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph,
  });
  return toBinary(ModelProtoSchema, model);
}

/**
 * Decodes the parts of an ONNX model that Weakspot reads.
 * @throws WeakspotError `model` if the bytes are not a model.
 */
export function decodeOnnx(bytes: Uint8Array): ModelProto {
  try {
    const model = fromBinary(ModelProtoSchema, bytes);
    if (model.graph === undefined || model.opsetImport.length === 0) throw new Error('it has no graph or no opset');
    return model;
  } catch (error) {
    throw new WeakspotError('model', `Not an ONNX model: ${messageOf(error)}.`, { cause: error });
  }
}

/** Domains of ops outside the ONNX standard, each of version 1. */
function otherDomains(nodes: readonly NodeProto[]): string[] {
  return [...new Set(nodes.map(({ domain }) => domain))].filter((domain) => domain !== '');
}

function emitNode(graph: Graph, emitter: Emitter, node: Node): void {
  // The table maps each op to the rule of its own node type, which the compiler cannot see through the union.
  const emit = graph.rules[node.op].emit as (emitter: Emitter, node: Node) => void;
  try {
    emit(emitter, node);
  } catch (error) {
    throw new WeakspotError('graph', `Op "${node.op}" at node "${node.name}" has no ONNX form: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

/** Declares an input or output; `firstDimension` names its first axis instead of giving its extent. */
export function valueInfo(name: string, type: TensorType, firstDimension?: string): ValueInfoProto {
  const dim = type.shape.map((extent, axis) =>
    axis === 0 && firstDimension !== undefined
      ? { value: { case: 'dimParam' as const, value: firstDimension } }
      : { value: { case: 'dimValue' as const, value: BigInt(extent) } },
  );
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: elementTypes[type.dataType], shape: { dim } } } },
  });
}

/** Drops nodes that reach no output, and the names of trailing outputs nobody reads (MaxPool's Indices). */
function dropUnused(nodes: readonly NodeProto[], outputs: readonly string[]): NodeProto[] {
  const used = new Set(outputs);
  const kept: NodeProto[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.output.some((output) => used.has(output))) continue;
    const required = node.opType === 'TopK' ? 2 : 1;
    while (node.output.length > required && !used.has(node.output.at(-1) ?? '')) node.output.pop();
    for (const input of node.input) used.add(input);
    kept.push(node);
  }
  return kept.toReversed();
}
