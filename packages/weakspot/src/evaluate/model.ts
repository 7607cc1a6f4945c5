import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import {
  type Device,
  type HeatMap,
  type MapChoice,
  type MapName,
  type OnnxRuntime,
  type ResolveDeviceOptions,
  type ResolvedDevice,
  type Session,
  WeakspotError,
  createSession,
  evidenceMap,
  extentOf,
  inferenceNames,
  mapParts,
  messageOf,
  startOnDevice,
} from '@weakspot/core';
import { type PreparedImage, toInput } from '../data/preprocess.js';
import { didYouMean } from '../data/suggest.js';
import { bundledRuntime } from '../device/index.js';
import { loadCheckpoint } from '../run/checkpoint.js';
import { type CheckpointKind, isRun, readConfig, runFolder } from '../run/folder.js';
import { type ModelInfo, encodeGradCam, encodeModel, readModelInfo } from '../run/model-file.js';

/** A model's answer for one image. */
export interface Prediction {
  /** One per class, in the order of the model's classes; they sum to 1 unless the model is multi-label. */
  readonly probabilities: readonly number[];
  /** Where the model sees the positive class: the map that `info.map` names. */
  readonly map: HeatMap & { readonly values: Float32Array };
  /** Every class's map [classes, h, w], its cells where those of `map` are (with `gradcam` and `layercam` those, with `+flips` their means), and the logits; absent where the model has none. */
  readonly evidence?: { readonly maps: Float32Array; readonly logits: readonly number[] };
}

/** A trained model that classifies and localizes prepared images. */
export interface LocalizerModel {
  readonly info: ModelInfo;
  /** The folder of its run, where that is known. */
  readonly run?: string;
  /** What it runs on. */
  readonly device: ResolvedDevice;
  /** Predictions in the order of the images, which must be prepared with `info.preprocessing`. */
  predict(images: readonly PreparedImage[]): Promise<Prediction[]>;
  /** Frees the engine's session. */
  release(): Promise<void>;
}

export interface OpenModelOptions {
  /** Which of a run's checkpoints: `last` (as in the paper) unless given. A model file has only one. */
  readonly checkpoint?: CheckpointKind;
  /** Name of the class to localize, instead of the model's positive one. */
  readonly positive?: string;
  /**
   * Which map to read, instead of the model's own choice (`localizer.map`). `layercam` asks the localizer's logits where they
   * come from (`buildLayerCam`). `gradcam` answers by the classifier of a run: its probabilities, and Grad-CAM of them. With
   * `+flips` maps and logits are means over the image and its mirror images, as the run's training mirrored them.
   */
  readonly map?: MapChoice;
  /** Threads of one op; the engine's choice unless given. */
  readonly threads?: number;
  /** ONNX Runtime as a program loaded it (`import * as runtime from 'onnxruntime-node'`): the one that comes with this package unless given. */
  readonly runtime?: OnnxRuntime;
  /** What to run on: the CPU unless given. */
  readonly device?: Device;
  /** How the device `auto` inspects a provider: in this process, with the runtime, unless given. See `inspectInChild`. */
  readonly inspect?: ResolveDeviceOptions['inspect'];
}

/**
 * Reads an exported model file, or encodes a run's checkpoint as one.
 * @param map What the run's model is to give, unless its own choice (`localizer.map`): `layercam` and `gradcam` are other graphs
 * than the localizer's maps, and so is each with `+flips`.
 * @throws WeakspotError `model` if the path is neither, is damaged, or the run has no such checkpoint; `io` if the file
 * cannot be read; `usage` if there is no classifier to make Grad-CAM of, a model file holds other maps, or training mirrored no
 * image and the map is one over mirror images.
 */
export async function readModel(
  path: string,
  checkpoint: CheckpointKind = 'last',
  map?: MapChoice,
): Promise<{ bytes: Uint8Array; info: ModelInfo }> {
  const found = await stat(path).catch((error: unknown) => {
    throw new WeakspotError('model', `There is no model or run at ${path}: ${messageOf(error)}`, {
      hint: 'Give a run folder, or the model.onnx of one.',
      cause: error,
    });
  });
  const asked = map === undefined ? undefined : mapParts(map);
  if (!found.isDirectory() && asked?.base === 'gradcam') {
    throw new WeakspotError('usage', `${path} is a model file, which has no classifier for Grad-CAM.`, {
      hint: 'Give the folder of the run.',
    });
  }
  if (!found.isDirectory()) {
    const bytes = await readFile(path).catch((error: unknown) => {
      throw new WeakspotError('io', `Cannot read ${path}: ${messageOf(error)}`, { cause: error });
    });
    const info = readModelInfo(bytes, path);
    const held = mapParts(info.map);
    const isLayerCam = held.base === 'layercam';
    if (asked !== undefined && ((asked.base === 'layercam') !== isLayerCam || asked.flips !== held.flips)) {
      const over = held.flips ? ', averaged over mirror images,' : '';
      const what = isLayerCam ? 'LayerCAM of the localizer' : "the localizer's maps";
      throw new WeakspotError('usage', `${path} holds ${what}${over} only, not the map "${map}".`, {
        hint: 'Give the folder of the run.',
      });
    }
    return { bytes, info };
  }
  const folder = runFolder(path);
  const { run, config } = await readConfig(folder);
  const loaded = await loadCheckpoint(folder.checkpoint(checkpoint));
  const isGradCam = map === 'gradcam' || map === 'gradcam+flips';
  const bytes = isGradCam ? encodeGradCam(run, config, loaded, map) : encodeModel(run, config, loaded, map);
  return { bytes, info: readModelInfo(bytes, path) };
}

/**
 * Opens a run's folder or an exported model file for prediction.
 * @throws WeakspotError as `readModel` does; `usage` if the model has no class of the name `positive`, or no such map;
 * `engine` if the runtime cannot be loaded, or refuses the model or the device.
 */
export async function openModel(path: string, options: OpenModelOptions = {}): Promise<LocalizerModel> {
  const { bytes, info: stored } = await readModel(path, options.checkpoint, options.map);
  const named = options.positive === undefined ? stored : withPositive(stored, options.positive);
  const info = withMap(named, options.map ?? named.map);
  const runtime = options.runtime ?? (await bundledRuntime());
  const threads = options.threads === undefined ? {} : { threads: options.threads };
  const inspect = options.inspect === undefined ? {} : { inspect: options.inspect };
  const { started: session, device } = await startOnDevice(
    runtime,
    options.device ?? 'cpu',
    { ...threads, ...inspect },
    (provider) =>
      createSession(runtime, bytes, { ...threads, provider }).catch((error: unknown) => {
        throw ofModel(path, error);
      }),
  );
  const { base } = mapParts(info.map);
  const run = await runOf(path);
  return {
    info,
    ...(run === undefined ? {} : { run }),
    device,
    predict: (images) => {
      if (base === 'gradcam') return oneByOne(session, info, images);
      return predict(session, info, base === 'layercam' ? 'positive' : base, images);
    },
    release: () => session.release(),
  };
}

/** The run that a model is of: its folder, or that in which an exported model was left. */
async function runOf(path: string): Promise<string | undefined> {
  for (const folder of [path, dirname(path)].map((one) => runFolder(one))) {
    if ((folder.path === resolve(path) || folder.model === resolve(path)) && (await isRun(folder))) return folder.path;
  }
  return undefined;
}

/** What the engine said of a model, under the model's name. */
function ofModel(path: string, error: unknown): unknown {
  if (!(error instanceof WeakspotError) || error.code !== 'engine') return error;
  const { hint = 'If other models can be opened, the file is damaged: export it again.' } = error;
  return new WeakspotError('engine', `${path} cannot be opened. ${error.message}`, { hint, cause: error });
}

function withPositive(info: ModelInfo, name: string): ModelInfo {
  const positive = info.classes.indexOf(name);
  if (positive >= 0) return { ...info, positive };
  throw new WeakspotError('usage', `The model has no class "${name}"${didYouMean(name, info.classes)}.`, {
    hint: `Its classes are ${info.classes.join(', ')}.`,
  });
}

/** @throws WeakspotError `usage` where the map asked for is 0 everywhere: the reference class has none. */
function withMap(info: ModelInfo, map: MapChoice): ModelInfo {
  const { classes, positive, reference, multiLabel } = info;
  const { base, flips } = mapParts(map);
  if (multiLabel === true && (base === 'difference' || base === 'negative')) {
    throw new WeakspotError('usage', `A multi-label model has no map "${map}": its classes do not compete.`, {
      hint: 'Leave out --map to read the map of each class.',
    });
  }
  const blank = reference === positive ? base === 'positive' : base === 'negative' && classes.length === 2;
  if (reference === undefined || !blank) return { ...info, map };
  throw new WeakspotError('usage', `The model has no separate map for the class "${classes[reference]}".`, {
    hint: `It was trained with localizer.evidence: single. Use the map "difference${flips ? '+flips' : ''}".`,
  });
}

/** The graph of Grad-CAM takes one image. */
async function oneByOne(session: Session, info: ModelInfo, images: readonly PreparedImage[]): Promise<Prediction[]> {
  const found: Prediction[] = [];
  for (const image of images) {
    found.push(...(await predict(session, info, 'positive', [image])));
  }
  return found;
}

async function predict(
  session: Session,
  { preprocessing, classes, positive, cells }: ModelInfo,
  name: MapName,
  images: readonly PreparedImage[],
): Promise<Prediction[]> {
  if (images.length === 0) return [];
  const { width, height } = preprocessing;
  const data = new Float32Array(images.length * width * height);
  images.forEach((image, index) => toInput(image.pixels, preprocessing, data, index * width * height));
  const outputs = await session.run({ [inferenceNames.images]: { data, shape: [images.length, 1, height, width] } });
  const probabilities = outputs[inferenceNames.probabilities];
  const maps = outputs[inferenceNames.activationMaps];
  const logits = outputs[inferenceNames.logits];
  const [, channels, mapHeight = 0, mapWidth = 0] = maps?.shape ?? [];
  if (probabilities === undefined || maps === undefined || probabilities.shape[1] !== channels) {
    throw new WeakspotError('model', 'The model has no outputs "probabilities" and "activation_maps" that fit.');
  }
  if (channels !== classes.length) {
    throw new WeakspotError('model', `The model has ${channels} classes; its metadata names ${classes.length}.`);
  }
  const size = classes.length * mapWidth * mapHeight;
  const extent = extentOf(cells, mapWidth, mapHeight, preprocessing);
  return images.map((_, index) => {
    const row = <T>(values: { slice: (from: number, to: number) => T }): T =>
      values.slice(index * classes.length, (index + 1) * classes.length);
    // A copy, so that keeping one image's maps does not keep the whole minibatch's.
    const own = maps.data.slice(index * size, (index + 1) * size);
    return {
      probabilities: [...row(probabilities.data)],
      map: {
        values: evidenceMap(own, classes.length, positive, name),
        width: mapWidth,
        height: mapHeight,
        extent,
      },
      // Models of earlier versions have no logits.
      ...(logits === undefined ? {} : { evidence: { maps: own, logits: [...row(logits.data)] } }),
    };
  });
}
