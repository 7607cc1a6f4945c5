import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { WeakspotError, messageOf } from '@weakspot/core';
import { z } from 'zod';
import type { Split } from '../data/dataset.js';
import { isLockFile } from '../data/lock.js';
import { type RunConfig, runConfigSchema } from './config.js';
import { writeFileWhole } from './write.js';

/** What a run's folder knows beside its configuration: fixed when the run starts. */
export const runInfoSchema = z.strictObject({
  format: z.literal(1),
  weakspot: z.string(),
  dataset: z.string(),
  classes: z.array(z.string()).min(2),
  /** Index of the positive class. */
  positive: z.int().min(0),
  /** Images may have several classes, each told by itself. */
  multiLabel: z.literal(true).exactOptional(),
  /** The weights that it started from, where they were another model's: names of parameters are those of checkpoints. */
  init: z
    .strictObject({
      /** As it was given, absolute. */
      path: z.string(),
      /** Of the weights: names, shapes and values. */
      sha256: z.string(),
      taken: z.array(z.string()),
      /** Parameters that were drawn anew, as without other weights. */
      drawn: z.array(z.string()),
      /** Weights of the other model that are in no parameter of this one. */
      unused: z.array(z.string()),
    })
    .exactOptional(),
  /** What it was computed on, from which epoch on (counted from 0); runs of earlier versions do not say it. */
  devices: z.array(z.strictObject({ provider: z.string(), name: z.string(), epoch: z.int().min(0) })).exactOptional(),
});
export type RunInfo = z.infer<typeof runInfoSchema>;

const configFileSchema = z.strictObject({ run: runInfoSchema, config: runConfigSchema });

/** Which of a run's checkpoints: the newest, or the one that did best on the validation part. */
export type CheckpointKind = 'last' | 'best';

/** Places in a run's folder. */
export interface RunFolder {
  readonly path: string;
  readonly config: string;
  readonly split: string;
  readonly metrics: string;
  readonly model: string;
  /** What `weakspot report` makes of the run. */
  readonly report: string;
  readonly checkpoint: (kind: CheckpointKind) => string;
}

export function runFolder(path: string): RunFolder {
  const root = resolve(path);
  return {
    path: root,
    config: join(root, 'config.json'),
    split: join(root, 'split.json'),
    metrics: join(root, 'metrics.jsonl'),
    model: join(root, 'model.onnx'),
    report: join(root, 'report.html'),
    checkpoint: (kind) => join(root, 'checkpoints', `${kind}.safetensors`),
  };
}

/** What a run was computed on, in words; undefined where it does not say. */
export function describeDevices({ devices = [] }: Pick<RunInfo, 'devices'>): string | undefined {
  const told = devices.map(({ provider, name, epoch }) => {
    return `${provider} (${name})${devices.length > 1 ? ` from epoch ${epoch + 1} on` : ''}`;
  });
  return told.length === 0 ? undefined : told.join(', ');
}

export async function writeConfig(folder: RunFolder, run: RunInfo, config: RunConfig): Promise<void> {
  await writeFileWhole(folder.config, `${JSON.stringify({ run, config }, undefined, 2)}\n`);
}

/**
 * Reads a run's configuration.
 * @throws WeakspotError `model` if the folder is not a run or its config.json is damaged.
 */
export async function readConfig(folder: RunFolder): Promise<{ run: RunInfo; config: RunConfig }> {
  return readJson(folder.config, configFileSchema, `${folder.path} is not a run`);
}

const splitSchema = z.record(z.string(), z.enum(['train', 'validation', 'test']));

/** Keeps which image went to which part, so that evaluation and a resumed run use the same parts. */
export async function writeSplit(folder: RunFolder, split: ReadonlyMap<string, Split>): Promise<void> {
  await writeFileWhole(folder.split, `${JSON.stringify(Object.fromEntries(split), undefined, 1)}\n`);
}

export async function readSplit(folder: RunFolder): Promise<ReadonlyMap<string, Split>> {
  return new Map(
    Object.entries(await readJson(folder.split, splitSchema, `${folder.path} has no readable split.json`)),
  );
}

async function readJson<T>(path: string, schema: z.ZodType<T>, what: string): Promise<T> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new WeakspotError('model', `${what}: ${path}: ${reason}`, {
      hint: 'Give the folder that "weakspot train" made.',
      cause: error,
    });
  }
}

/**
 * Whether the folder holds a run, of whatever version or however damaged. Many tools keep a config.json: only one that
 * tells of Weakspot marks a run.
 */
export async function isRun(folder: RunFolder): Promise<boolean> {
  const text = await readFile(folder.config, 'utf8').catch(() => '');
  return /"weakspot"\s*:/.test(text);
}

/**
 * Whether a path exists and is a file, or a folder with something in it beside a lock.
 * @param isNothing Further names that do not count.
 */
export async function isOccupied(path: string, isNothing: (name: string) => boolean = () => false): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return false;
  return !found.isDirectory() || (await readdir(path)).some((name) => !isLockFile(name) && !isNothing(name));
}
