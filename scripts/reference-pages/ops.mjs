// @ts-check
import {
  buildInference,
  buildLayerCam,
  buildTrainingStep,
  createNetwork,
  methodNames,
  networkNames,
  parseMethod,
} from '@weakspot/core';
import { ONNX_OPSET, opTable } from '@weakspot/core/graph';
import { code, generatedNotice, table } from './markdown.mjs';

/** docs/reference/ops.md */
export function opsPage() {
  const inSteps = opsOfTrainingSteps();
  const inModels = opsOfModels();
  const rows = Object.entries(opTable).map(([name, rule]) => [
    code(name),
    rule.gradient === undefined ? 'no' : 'yes',
    inSteps.has(name) ? 'yes' : 'no',
    inModels.has(name) ? 'yes' : 'no',
  ]);
  return `${generatedNotice}

# Ops

Every op of the graph engine: whether it can be differentiated through, and whether the training steps and the exported
models of the methods use it (with LayerCAM and means over mirror images among the maps). Ops that compute gradients (\`...Gradient\`) have no gradient of their own unless one
is listed. What each op takes is documented at its builder in \`packages/core/src/graph/build.ts\` and its attributes in
\`packages/core/src/graph/attributes.ts\`; how the table is used, in [The engine](../explanation/engine.md). Graphs are
encoded for ONNX opset ${ONNX_OPSET}.

${table(['Op', 'Has a gradient', 'In training steps', 'In exported models'], rows)}
`;
}

/** @returns {Generator<import('@weakspot/core').ModelOptions>} */
function* allModels() {
  for (const method of methodNames) {
    for (const network of networkNames) {
      yield {
        method: parseMethod(method),
        network: createNetwork(network, { classifier: [8] }),
        classes: 2,
        sharpness: 10,
        width: 128,
        height: 128,
      };
    }
  }
}

function opsOfTrainingSteps() {
  /** @type {Set<string>} */
  const ops = new Set();
  for (const options of allModels()) {
    const { graph } = buildTrainingStep({ ...options, batch: 2, momentum: 0.9, weightDecay: 0.0005, clipNorm: 5 });
    for (const { op } of graph.nodes) ops.add(op);
  }
  return ops;
}

function opsOfModels() {
  /** @type {Set<string>} */
  const ops = new Set();
  const flips = { horizontal: true, vertical: true };
  for (const options of allModels()) {
    const graphs = [buildInference, buildLayerCam].map((build) => build({ ...options, flips }).graph);
    for (const { op } of graphs.flatMap(({ nodes }) => nodes)) ops.add(op);
  }
  return ops;
}
