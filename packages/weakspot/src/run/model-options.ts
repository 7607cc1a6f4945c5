import { type ModelOptions, type Network, createNetwork, parseMethod } from '@weakspot/core';
import { saysNothingThere } from '../data/classes.js';
import type { RunConfig } from './config.js';
import type { RunInfo } from './folder.js';

/** What the graphs of a run are built from. */
export function modelOptions(
  config: RunConfig,
  run: Pick<RunInfo, 'classes' | 'positive' | 'multiLabel'>,
): ModelOptions {
  const { penalty, terms } = config.localizer;
  const reference = referenceClass(config, run);
  return {
    method: parseMethod(config.method),
    network: networkOf(config),
    classes: run.classes.length,
    sharpness: config.sharpness,
    topShare: config.localizer.topShare,
    width: config.preprocessing.width,
    height: config.preprocessing.height,
    ...(run.multiLabel === true ? { multiLabel: true } : {}),
    ...(reference === undefined ? {} : { reference }),
    ...(penalty === 0 ? {} : { penalty: { positive: run.positive, weight: penalty } }),
    mapTerms: { ...terms, positive: run.positive },
  };
}

/** A run's network. */
export function networkOf({ network: { name, ...options } }: Pick<RunConfig, 'network'>): Network {
  return createNetwork(name, options);
}

/**
 * The class that a single-logit localizer has no map for: the negative one, of several classes the one whose name says
 * that nothing is there, else the first that is not the positive one. Undefined where every class has a map, as in a
 * multi-label set, whose classes have a logit each and no negative one.
 */
export function referenceClass(
  { localizer }: Pick<RunConfig, 'localizer'>,
  { classes, positive, multiLabel }: Pick<RunInfo, 'classes' | 'positive' | 'multiLabel'>,
): number | undefined {
  if (localizer.evidence === 'classes' || multiLabel === true) return undefined;
  const others = [...classes.keys()].filter((index) => index !== positive);
  return others.find((index) => saysNothingThere(classes[index] ?? '')) ?? others[0];
}
