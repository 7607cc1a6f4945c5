import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { WeakspotError, decodeOnnx, messageOf } from '@weakspot/core';
import { loadCheckpoint, weightsOf } from './checkpoint.js';
import { isRun, runFolder } from './folder.js';
import { readModelInfo } from './model-file.js';
import type { StoredTensor } from './safetensors.js';

/** The weights of a trained model. */
export interface TrainedWeights {
  /** Absolute path of what they come from, as it was given. */
  readonly path: string;
  /** Folder of the run that they belong to; undefined for a model file elsewhere. */
  readonly run: string | undefined;
  /** By parameter name; a model file has no classifier. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** SHA-256, hexadecimal, of names, shapes and values: equal for the same weights in whatever file. */
  readonly sha256: string;
}

/** TensorProto.DataType of float32. */
const FLOAT = 1;

/**
 * Reads the weights of a run (its last checkpoint), of a checkpoint file, or of an exported model: those that the model
 * answers with, which are means over epochs where the run has them.
 * @throws WeakspotError `model` if the path is none of these or damaged; `io` if it cannot be read.
 */
export async function readWeights(path: string): Promise<TrainedWeights> {
  const absolute = resolve(path);
  const found = await stat(absolute).catch((error: unknown) => {
    throw new WeakspotError('model', `There is no run or model at ${path}: ${messageOf(error)}`, {
      hint: 'Give a run folder, one of its checkpoints, or a model.onnx.',
      cause: error,
    });
  });
  const tensors = found.isDirectory() ? await ofRun(absolute) : await ofFile(absolute);
  const wrong = [...tensors].find(([, { data }]) => !data.every(Number.isFinite));
  if (wrong !== undefined) throw new WeakspotError('model', `${path}: "${wrong[0]}" has values that are not finite.`);
  return { path: absolute, run: await runOf(absolute), tensors, sha256: digestOf(tensors) };
}

async function ofRun(path: string): Promise<TrainedWeights['tensors']> {
  const folder = runFolder(path);
  if (await isRun(folder)) return weightsOf(await loadCheckpoint(folder.checkpoint('last')));
  throw new WeakspotError('model', `${path} is not a run.`, {
    hint: 'Give a run folder, one of its checkpoints, or a model.onnx.',
  });
}

async function ofFile(path: string): Promise<TrainedWeights['tensors']> {
  if (/\.safetensors$/i.test(path)) return weightsOf(await loadCheckpoint(path));
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new WeakspotError('io', `Cannot read ${path}: ${messageOf(error)}`, { cause: error });
  });
  // Whether it is a model of ours at all.
  readModelInfo(bytes, path);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dataType, dims, rawData } of decodeOnnx(bytes).graph?.initializer ?? []) {
    const shape = dims.map(Number);
    if (dataType !== FLOAT) continue;
    if (rawData.byteLength !== 4 * shape.reduce((a, b) => a * b, 1))
      throw new WeakspotError('model', `${path} is damaged: the values of "${name}" do not fit its shape.`);
    const data = new Float32Array(rawData.byteLength / 4);
    new Uint8Array(data.buffer).set(rawData);
    tensors.set(name, { shape, data });
  }
  return tensors;
}

/** The run that a path is, or lies in: a model file or a checkpoint. */
async function runOf(path: string): Promise<string | undefined> {
  for (const folder of [path, dirname(path), dirname(dirname(path))]) {
    if (await isRun(runFolder(folder))) return folder;
  }
  return undefined;
}

function digestOf(tensors: TrainedWeights['tensors']): string {
  const hash = createHash('sha256');
  for (const [name, { shape, data }] of [...tensors].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name}:${shape.join('x')}:`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}
