import { WeakspotError } from '../errors.js';
import { type Graph, type Node, type Value, inferTypes } from './graph.js';
import { describeType, isPossible, sameType } from './types.js';

/**
 * Checks a graph: every tensor is defined before it is read, names of tensors, nodes and outputs are unique, every node's types are what its op's
 * shape rule says, and every output exists. Runs after every pass that builds or changes a graph.
 * @throws WeakspotError `graph` naming the op and the node.
 */
export function verify(graph: Graph): void {
  const defined = new Set<Value>();
  const names = new Set<string>();
  const define = (value: Value): void => {
    if (names.has(value.name)) throw new WeakspotError('graph', `Two tensors are named "${value.name}".`);
    if (!isPossible(value.type.shape)) {
      throw new WeakspotError('graph', `Tensor "${value.name}" has the impossible type ${describeType(value.type)}.`);
    }
    names.add(value.name);
    defined.add(value);
  };
  for (const input of graph.inputs) define(input);
  for (const constant of graph.constants) define(constant.value);
  for (const node of graph.nodes) {
    // A node's name prefixes the tensors it is emitted with, so it must be its own too.
    if (names.has(node.name)) throw new WeakspotError('graph', `The name of node "${node.name}" is taken.`);
    names.add(node.name);
    verifyNode(graph, node, defined);
    for (const output of node.outputs) define(output);
  }
  for (const { name, value } of graph.outputs) {
    if (names.has(name)) throw new WeakspotError('graph', `The name of output "${name}" is taken.`);
    names.add(name);
    if (!defined.has(value)) {
      throw new WeakspotError('graph', `Output "${name}" is "${value.name}", which no node of the graph computes.`);
    }
  }
}

function verifyNode(graph: Graph, node: Node, defined: ReadonlySet<Value>): void {
  const place = `Op "${node.op}" at node "${node.name}"`;
  for (const input of node.inputs) {
    if (!defined.has(input)) throw new WeakspotError('graph', `${place} reads "${input.name}" before it is computed.`);
  }
  const shape = graph.rules[node.op].shape as Parameters<typeof inferTypes>[2];
  const types = inferTypes(node.name, node.op, shape, node.inputs, node.attributes);
  if (types.length !== node.outputs.length) {
    throw new WeakspotError(
      'graph',
      `${place} has ${node.outputs.length} outputs; its shape rule says ${types.length}.`,
    );
  }
  types.forEach((type, index) => {
    const output = node.outputs[index];
    if (output === undefined || output.node !== node || !sameType(output.type, type)) {
      const found = output === undefined ? 'nothing' : describeType(output.type);
      throw new WeakspotError(
        'graph',
        `${place}: output ${index} is ${found}; its shape rule says ${describeType(type)}.`,
      );
    }
  });
}
