import { resolve } from 'node:path';
import type { DataIssue } from '@weakspot/core';
import type { Dataset, Split } from '../data/dataset.js';
import type { RunConfig } from '../run/config.js';
import type { RunInfo } from '../run/folder.js';

/** A run is resumed and evaluated from any working directory. */
export function withAbsolutePaths(config: RunConfig): RunConfig {
  const { data, init } = config;
  return {
    ...config,
    ...(init === undefined ? {} : { init: resolve(init) }),
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

/** Images that came or went since the run was split: it goes on with what is left of its own. */
export function changesSince(split: ReadonlyMap<string, Split>, { samples, root }: Dataset): DataIssue[] {
  const kept = samples.filter(({ name }) => split.has(name)).length;
  const images = (count: number): string => `${count} ${count === 1 ? 'image' : 'images'}`;
  const gone = `${images(split.size - kept)} of this run cannot be found: its result will differ from that of a run never stopped`;
  const added = `${images(samples.length - kept)} were added since this run began: left out`;
  const messages = [...(split.size > kept ? [gone] : []), ...(samples.length > kept ? [added] : [])];
  return messages.map((message): DataIssue => ({ severity: 'warning', file: root, message }));
}
