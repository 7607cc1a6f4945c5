import {
  type Graph,
  type InferenceOptions,
  type LocalizerMap,
  type MapChoice,
  type Parameter,
  type Value,
  WeakspotError,
  buildGradCam,
  buildInference,
  buildLayerCam,
  createNetwork,
  decodeOnnx,
  encodeOnnx,
  foldBatchNormalization,
  lowerings,
  mapCells,
  mapChoices,
  mapParts,
  messageOf,
  methodNames,
  networkNames,
  sameShape,
  strideOf,
} from '@weakspot/core';
import { z } from 'zod';
import { preprocessingSchema } from '../data/preprocess.js';
import { VERSION } from '../version.js';
import { type Checkpoint, weightsOf } from './checkpoint.js';
import type { RunConfig } from './config.js';
import { flipsOfMap } from './flips.js';
import type { RunInfo } from './folder.js';
import { modelOptions } from './model-options.js';

/** What an exported model says of itself: JSON under the metadata key `weakspot` of the ONNX file. */
const modelInfoSchema = z.object({
  format: z.literal(1),
  weakspot: z.string(),
  method: z.enum(methodNames),
  network: z.enum(networkNames),
  /** Data set it was trained on. */
  dataset: z.string(),
  classes: z.array(z.string()).min(2),
  /** Index of the positive class. */
  positive: z.int().min(0),
  /** Images may have several classes: each probability is one by itself. */
  multiLabel: z.literal(true).exactOptional(),
  /** The map that shows where the positive class is. */
  map: z.enum(mapChoices).default('positive'),
  /** Index of the class whose logit and map are 0; absent where every class has its own. */
  reference: z.int().min(0).exactOptional(),
  /** The network's: input pixels between neighbouring cells of its last layer. Half of it is the tolerance of a hit, whatever map is read. */
  stride: z.int().min(1),
  /** Where the cells of the file's maps lie: cell i along either axis is centred at `centre + i * stride` pixels of the input. */
  cells: z
    .object({
      centre: z.union([z.number(), z.object({ x: z.number(), y: z.number() })]),
      stride: z.number().positive(),
    })
    .exactOptional(),
  /** The mirror images over which the file's maps and logits are means; absent where they are the image's alone. */
  flips: z.object({ horizontal: z.boolean(), vertical: z.boolean() }).exactOptional(),
  /** How an image becomes the input; the input's size. */
  preprocessing: preprocessingSchema,
  /** Epochs trained. */
  epochs: z.int().min(0),
});
type StoredInfo = z.infer<typeof modelInfoSchema>;
export type ModelInfo = StoredInfo & Required<Pick<StoredInfo, 'cells'>>;

const METADATA_KEY = 'weakspot';

/**
 * Encodes the trunk and the localizer of a checkpoint as one ONNX model: input `images` [batch, 1, height, width]
 * (float32, intensities as `preprocessing` leaves them, batch free), outputs `probabilities` and `logits` [batch, classes]
 * and `activation_maps` [batch, classes, h, w]. The preprocessing and all else a user needs stand in its metadata.
 *
 * @param map With `layercam` the maps are those of `buildLayerCam`, whose forward and backward pass the model then holds;
 * else they are the localizer's. With `+flips` maps and logits are the means over mirror images, as training mirrored them. The
 * configuration's choice (`localizer.map`) unless given.
 * @throws WeakspotError `usage` if the map is one over mirror images and training mirrored none.
 */
export function encodeModel(
  run: RunInfo,
  config: RunConfig,
  checkpoint: Checkpoint,
  map: LocalizerMap = config.localizer.map,
): Uint8Array {
  const isLayerCam = mapParts(map).base === 'layercam';
  const build = isLayerCam ? buildLayerCam : buildInference;
  const { options, stored } = folded(readingOptions(run, config, map), checkpoint);
  const { graph } = build(options, stored);
  const info = describeModel(run, config, checkpoint, map);
  return encodeOnnx(graph, {
    batchDimension: 'batch',
    // The forms of the gradient in which the number of images is free, and which any provider runs.
    ...(isLayerCam ? { lowering: lowerings.webgpu } : {}),
    metadata: { [METADATA_KEY]: JSON.stringify(info) },
  });
}

/**
 * Encodes a checkpoint's trunk and classifier with the graph of Grad-CAM: inputs and outputs as of `encodeModel`, for one
 * image at a time.
 * @throws WeakspotError `usage` if the run's method has no classifier, or the map is one over mirror images and training mirrored
 * none.
 */
export function encodeGradCam(
  run: RunInfo,
  config: RunConfig,
  checkpoint: Checkpoint,
  map: 'gradcam' | 'gradcam+flips' = 'gradcam',
): Uint8Array {
  const { options, stored } = folded(readingOptions(run, config, map), checkpoint);
  const { graph } = buildGradCam(options, stored);
  const info = describeModel(run, config, checkpoint, map);
  return encodeOnnx(graph, { metadata: { [METADATA_KEY]: JSON.stringify(info) } });
}

function readingOptions(run: RunInfo, config: RunConfig, map: MapChoice): InferenceOptions {
  const flips = flipsOfMap(map, config);
  return { ...modelOptions(config, run), ...(flips === undefined ? {} : { flips }) };
}

/** A checkpoint's model with its batch normalisation folded into the convolutions: how to build it, and its weights as constants. */
function folded(options: InferenceOptions, checkpoint: Checkpoint) {
  const { network, tensors } = foldBatchNormalization(options.network, weightsOf(checkpoint));
  return { options: { ...options, network }, stored: storedIn(tensors) };
}

/** Weights as constants of a graph. */
function storedIn(weights: Checkpoint['parameters']): (target: Graph, parameter: Parameter) => Value {
  return (target, { name, shape }) => {
    const stored = weights.get(name);
    if (stored === undefined || !sameShape(stored.shape, shape)) {
      throw new WeakspotError('model', `The checkpoint has no "${name}" of shape [${shape.join(', ')}].`, {
        hint: 'The checkpoint belongs to another configuration.',
      });
    }
    return target.constant(name, stored.data, shape);
  };
}

function describeModel(run: RunInfo, config: RunConfig, checkpoint: Checkpoint, map: MapChoice): ModelInfo {
  const { reference, network, flips, width, height } = readingOptions(run, config, map);
  return {
    format: 1,
    weakspot: VERSION,
    method: config.method,
    network: config.network.name,
    dataset: run.dataset,
    classes: run.classes,
    positive: run.positive,
    ...(run.multiLabel === true ? { multiLabel: true } : {}),
    map,
    ...(reference === undefined ? {} : { reference }),
    stride: strideOf(network),
    cells: mapCells(network, map, flips && { width, height, flips }),
    ...(flips === undefined ? {} : { flips }),
    preprocessing: config.preprocessing,
    epochs: checkpoint.progress.epoch,
  };
}

/**
 * Reads what a model file says of itself. Files of versions that did not say where their maps' cells lie have them where the
 * network that they name has them.
 * @throws WeakspotError `model` naming the file, if it is not a model that Weakspot exported.
 */
export function readModelInfo(bytes: Uint8Array, file: string): ModelInfo {
  try {
    const entry = decodeOnnx(bytes).metadataProps.find(({ key }) => key === METADATA_KEY);
    if (entry === undefined) throw new Error('its metadata has no "weakspot" entry');
    const info = modelInfoSchema.parse(JSON.parse(entry.value));
    return { ...info, cells: info.cells ?? mapCells(createNetwork(info.network), info.map) };
  } catch (error) {
    throw new WeakspotError('model', `${file} is not a model exported by Weakspot: ${messageOf(error)}`, {
      hint: 'Give a run folder, or the model.onnx of one.',
      cause: error,
    });
  }
}
