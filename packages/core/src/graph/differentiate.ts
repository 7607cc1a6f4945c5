import { WeakspotError } from '../errors.js';
import { add } from './build.js';
import type { Graph, Node, Value } from './graph.js';
import type { GradientRequest, GradientRule } from './rule.js';
import { describeType } from './types.js';
import { verify } from './verify.js';

/**
 * Reverse-mode differentiation: adds to the graph the nodes that compute dLoss/dx for each x of `sources` and returns
 * those gradients in the same order; undefined where the loss does not depend on x.
 *
 * Nodes are visited once, last to first. A tensor read several times gets the sum of what its readers send back.
 * @throws WeakspotError `graph` if the loss is not a float32 scalar, or an op on the way has no gradient rule (the
 * message names op and node).
 */
export function differentiate(graph: Graph, loss: Value, sources: readonly Value[]): (Value | undefined)[] {
  if (loss.type.dataType !== 'float32' || loss.type.shape.length !== 0) {
    throw new WeakspotError(
      'graph',
      `The loss "${loss.name}" must be a float32 scalar; it is ${describeType(loss.type)}.`,
    );
  }
  const forward = [...graph.nodes];
  const leadsToSource = new Set<Value>(sources);
  for (const node of forward) {
    if (node.op !== 'stopGradient' && node.inputs.some((input) => leadsToSource.has(input))) {
      for (const output of node.outputs) if (output.type.dataType === 'float32') leadsToSource.add(output);
    }
  }
  const gradients = new Map<Value, Value>();
  if (leadsToSource.has(loss)) gradients.set(loss, graph.scalar(1));
  for (const node of forward.toReversed()) {
    const [output] = node.outputs;
    const gradient = output === undefined ? undefined : gradients.get(output);
    if (gradient === undefined || !node.inputs.some((input) => leadsToSource.has(input))) continue;
    const sent = graph.scope(`${node.name}/gradient`, () => applyRule(graph, node, gradient, leadsToSource));
    node.inputs.forEach((input, index) => {
      const part = sent[index];
      if (part === undefined || !leadsToSource.has(input)) return;
      const sum = gradients.get(input);
      gradients.set(input, sum === undefined ? part : add(sum, part));
    });
  }
  verify(graph);
  return sources.map((source) => gradients.get(source));
}

function applyRule(
  graph: Graph,
  node: Node,
  gradient: Value,
  leadsToSource: ReadonlySet<Value>,
): readonly (Value | undefined)[] {
  const rule = graph.rules[node.op].gradient as GradientRule<Node['op']> | undefined;
  if (rule === undefined) {
    throw new WeakspotError('graph', `Op "${node.op}" at node "${node.name}" has no gradient rule.`, {
      hint: 'Put a stopGradient before it, or add a gradient rule to the op table.',
    });
  }
  const request: GradientRequest<Node['op']> = {
    node,
    inputs: node.inputs,
    outputs: node.outputs,
    attributes: node.attributes,
    gradient,
    needed: (index) => {
      const input = node.inputs[index];
      return input !== undefined && leadsToSource.has(input);
    },
  };
  return rule(request);
}
