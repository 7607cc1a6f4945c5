import assert from 'node:assert/strict';
import { encodeOnnx, lowerings } from '../../../graph/index.js';
import { createNetwork } from '../../../network/index.js';
import {
  type ModelOptions,
  type UpdateOptions,
  buildAccumulatedStep,
  buildGradCam,
  buildLayerCam,
  buildInference,
  buildTrainingStep,
  methodNames,
  paperMethods,
  parseMethod,
} from '../../../stl/index.js';
import { createSession } from '../../index.js';
import { type Check, encoded, wholeOnProvider } from './check.js';

const optimizer = { batch: 2, momentum: 0.9, weightDecay: 5e-4, clipNorm: 5 };

function optionsOf(network: 'compact' | 'small', method: string): ModelOptions {
  return {
    method: parseMethod(method),
    network: createNetwork(network, { classifier: [16] }),
    classes: 2,
    sharpness: 10,
    width: 96,
    height: 64,
  };
}

/** A network's training steps and inference: loaded, not run. */
function loads(name: string, options: ModelOptions & Partial<UpdateOptions>): Check {
  return {
    name: `${name}: no node of training or inference is left to the CPU`,
    run: async (runtime, provider) => {
      const whole = buildTrainingStep({ ...optimizer, ...options });
      const parts = buildAccumulatedStep({ ...optimizer, ...options });
      const inference = buildInference({ ...options, batch: 2 });
      for (const graph of [whole.graph, parts.gradients.graph, parts.update, inference.graph]) {
        const session = await createSession(wholeOnProvider(runtime), encoded(graph, provider), { provider });
        await session.release();
      }
      return 0;
    },
  };
}

const everyTerm = { positive: 1, absent: 1, background: 0.5, size: 1, variation: 0.1 };

const steps = (['compact', 'small'] as const).flatMap((network) =>
  paperMethods.map((method) => loads(`${network} with ${method}`, optionsOf(network, method))),
);
/** The network `field`, AdamW and moving averages. */
const fields = (['batch', 'group', 'none'] as const).map((normalization) => {
  const network = createNetwork('field', { normalization, width: 1 / 3, depth: 2, classifier: [16] });
  return loads(`field with normalization ${normalization}, AdamW and moving averages`, {
    ...optionsOf('small', 'STL+TopK'),
    network,
    optimizer: 'adamw',
    averageDecay: 0.99,
  });
});
const beyond = [
  ...methodNames
    .filter((method) => method.startsWith('STL+') && !paperMethods.some((paper) => paper === method))
    .map((method) => loads(`small with ${method}`, optionsOf('small', method))),
  loads('a single-logit localizer', { ...optionsOf('small', 'STL+AvePool'), reference: 0 }),
  loads('multi-label', { ...optionsOf('small', 'STL+AvePool'), multiLabel: true }),
  loads('terms of the maps', { ...optionsOf('small', 'STL+AvePool'), mapTerms: everyTerm }),
  loads('terms of the maps, multi-label', {
    ...optionsOf('small', 'TopK'),
    multiLabel: true,
    mapTerms: everyTerm,
  }),
  loads('a penalty of evidence', { ...optionsOf('small', 'STL+MaxPool'), penalty: { positive: 1, weight: 0.1 } }),
];

const gradCam: Check = {
  name: 'Grad-CAM: no node is left to the CPU',
  run: async (runtime, provider) => {
    const { graph } = buildGradCam(optionsOf('small', 'STL+AvePool'));
    const session = await createSession(wholeOnProvider(runtime), encoded(graph, provider), { provider });
    await session.release();
    return 0;
  },
};

const layerCam: Check = {
  name: 'LayerCAM: no node is left to the CPU',
  run: async (runtime, provider) => {
    const { graph } = buildLayerCam(optionsOf('small', 'STL+LSE'));
    const session = await createSession(wholeOnProvider(runtime), encoded(graph, provider), { provider });
    await session.release();
    return 0;
  },
};

const flips: Check = {
  name: 'maps over mirror images: no node is left to the CPU',
  run: async (runtime, provider) => {
    const over = { flips: { horizontal: true, vertical: true } };
    for (const build of [buildInference, buildLayerCam]) {
      const { graph } = build({ ...optionsOf('small', 'STL+LSE'), ...over });
      const session = await createSession(wholeOnProvider(runtime), encoded(graph, provider), { provider });
      await session.release();
    }
    return 0;
  },
};

/** Without it the checks above could not fail. */
const refused: Check = {
  name: 'a step in the forms of another provider is refused where a node would be left to the CPU',
  run: async (runtime, provider) => {
    if (provider !== 'webgpu') return 0;
    const { graph } = buildTrainingStep({ ...optionsOf('small', 'AvePool'), ...optimizer });
    const model = encodeOnnx(graph, { lowering: lowerings.cpu });
    await assert.rejects(createSession(wholeOnProvider(runtime), model, { provider }), /could not load/);
    return 0;
  },
};

export const networks: readonly Check[] = [...steps, ...fields, ...beyond, gradCam, layerCam, flips, refused];
