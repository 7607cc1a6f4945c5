import { resolve } from 'node:path';
import type { DataIssue } from '@weakspot/core';
import type { Dataset, Split } from '../data/dataset.js';
import { readDataset } from '../data/read-dataset.js';
import type { RunConfig } from '../run/config.js';
import type { RunInfo } from '../run/folder.js';

/** A run is resumed and evaluated from any working directory. */
export function withAbsolutePaths(config: RunConfig): RunConfig {
  const { data } = config;
  return {
    ...config,
    data: {
      ...data,
      path: resolve(data.path),
      ...(data.images === undefined ? {} : { images: resolve(data.images) }),
      ...(data.boxes === undefined ? {} : { boxes: resolve(data.boxes) }),
      split: data.split.file === undefined ? data.split : { ...data.split, file: resolve(data.split.file) },
    },
  };
}

/** What is positive was settled when the run began, and need not be told again. */
export function withPositive(config: RunConfig, { classes, positive }: RunInfo): RunConfig {
  const name = classes[positive];
  return name === undefined ? config : { ...config, data: { ...config.data, positive: name } };
}

/** Reads the data set that a run's configuration names; `run` fixes the classes and whether an image may have several. */
export async function openDataset(
  { data }: RunConfig,
  run?: Pick<RunInfo, 'classes' | 'multiLabel'>,
): Promise<Dataset> {
  return readDataset(data.path, {
    strict: data.strict,
    ...(data.format === undefined ? {} : { format: data.format }),
    ...(data.images === undefined ? {} : { images: data.images }),
    ...(data.boxes === undefined ? {} : { boxes: data.boxes }),
    ...(data.positive === undefined ? {} : { positive: data.positive }),
    ...(data.multiLabel === undefined ? {} : { multiLabel: data.multiLabel }),
    ...(run === undefined ? {} : { classes: run.classes, multiLabel: run.multiLabel === true }),
  });
}

/** Images that came or went since the run was split: it goes on with what is left of its own. */
export function changesSince(split: ReadonlyMap<string, Split>, { samples, root }: Dataset): DataIssue[] {
  const kept = samples.filter(({ name }) => split.has(name)).length;
  const images = (count: number): string => `${count} ${count === 1 ? 'image' : 'images'}`;
  const gone = `${images(split.size - kept)} of this run can't be found: its result will not be that of a run never stopped`;
  const added = `${images(samples.length - kept)} came since this run began: left out`;
  const messages = [...(split.size > kept ? [gone] : []), ...(samples.length > kept ? [added] : [])];
  return messages.map((message): DataIssue => ({ severity: 'warning', file: root, message }));
}
