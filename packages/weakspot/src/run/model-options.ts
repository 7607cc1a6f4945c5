import { type ModelOptions, createNetwork, parseMethod } from '@weakspot/core';
import type { RunConfig } from './config.js';

/** What the graphs of a run are built from. */
export function modelOptions(config: RunConfig, classes: number): ModelOptions {
  const { name, classifier, dropout } = config.network;
  return {
    method: parseMethod(config.method),
    network: createNetwork(name, {
      ...(classifier === undefined ? {} : { classifier }),
      ...(dropout === undefined ? {} : { dropout }),
    }),
    classes,
    sharpness: config.sharpness,
    width: config.preprocessing.width,
    height: config.preprocessing.height,
  };
}
