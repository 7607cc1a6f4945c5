import type { Graph, Value } from './graph.js';
import { verify } from './verify.js';

/** Removes the nodes and constants that no output needs; inputs stay, since they are the graph's interface. */
export function prune(graph: Graph): void {
  const needed = new Set<Value>(graph.outputs.map((output) => output.value));
  const kept = graph.nodes
    .toReversed()
    .filter((node) => {
      if (!node.outputs.some((output) => needed.has(output))) return false;
      for (const input of node.inputs) needed.add(input);
      return true;
    })
    .toReversed();
  graph.nodes.splice(0, graph.nodes.length, ...kept);
  const constants = graph.constants.filter((constant) => needed.has(constant.value));
  graph.constants.splice(0, graph.constants.length, ...constants);
  verify(graph);
}
