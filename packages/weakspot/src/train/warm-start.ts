import {
  type DataIssue,
  type ModelOptions,
  type Parameter,
  WeakspotError,
  buildObjective,
  createGraph,
  initialise,
  sameShape,
} from '@weakspot/core';
import type { Sample, Split } from '../data/dataset.js';
import type { Checkpoint } from '../run/checkpoint.js';
import type { RunConfig } from '../run/config.js';
import { type RunInfo, readConfig, readSplit, runFolder } from '../run/folder.js';
import type { TrainedWeights } from '../run/weights.js';

/** What a run is told of the weights that it starts from. */
export type WarmStartInfo = NonNullable<RunInfo['init']>;

/** Where a run starts whose network takes weights of another one. */
export interface WarmStart {
  /** Every parameter, taken or drawn as without it. Nothing is remembered of how the taken ones were learned. */
  readonly start: Pick<Checkpoint, 'parameters'>;
  readonly info: WarmStartInfo;
}

/**
 * Takes the layers all of whose parameters are there in name and shape: a bias without its weights says nothing. The others are
 * drawn from the run's seed, the same as they would be without a warm start.
 * @throws WeakspotError `model` if none agrees.
 */
export function startWarm(options: ModelOptions, { path, tensors, sha256 }: TrainedWeights, seed: number): WarmStart {
  const parameters = parametersOf(options);
  const agreeing = ({ name, shape }: Parameter): boolean => {
    const found = tensors.get(name);
    return found !== undefined && sameShape(found.shape, shape);
  };
  const other = new Set(parameters.filter((parameter) => !agreeing(parameter)).map(({ name }) => layerOf(name)));
  const [taken, drawn]: [string[], string[]] = [[], []];
  const weights = new Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>();
  for (const parameter of parameters) {
    const { name, shape } = parameter;
    const found = other.has(layerOf(name)) ? undefined : tensors.get(name);
    (found === undefined ? drawn : taken).push(name);
    // A copy: the source keeps its own.
    weights.set(name, { shape, data: found?.data.slice() ?? initialise(parameter, seed) });
  }
  if (taken.length === 0) {
    const theirs = [...tensors].slice(0, 2).map(([name, { shape }]) => `"${name}" [${shape.join(', ')}]`);
    const ours = parameters.slice(0, 2).map(({ name, shape }) => `"${name}" [${shape.join(', ')}]`);
    throw new WeakspotError(
      'model',
      `No layer of ${path} agrees with this network in name and shape: there ${theirs.join(', ')}; here ${ours.join(', ')}.`,
      { hint: 'Use the network that it was trained with: --network, and --set network.classifier.' },
    );
  }
  const unused = [...tensors.keys()].filter((name) => !taken.includes(name)).toSorted();
  return { start: { parameters: weights }, info: { path, sha256, taken, drawn, unused } };
}

/** `conv1` of `conv1.weight`. */
function layerOf(name: string): string {
  return name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : name;
}

/** All parameters of a network and its heads. */
function parametersOf(options: ModelOptions): Parameter[] {
  const { parameters, statistics } = buildObjective(createGraph(), { ...options, batch: 1 });
  return [...parameters, ...statistics].map(({ parameter }) => parameter);
}

/** Warns of images for validation or testing that the run which the weights come from was trained on. */
export async function trainedOnBefore(
  { run }: TrainedWeights,
  { data }: RunConfig,
  samples: readonly Sample[],
  split: ReadonlyMap<string, Split>,
): Promise<DataIssue[]> {
  if (run === undefined) return [];
  const folder = runFolder(run);
  const source = await readConfig(folder).catch(() => undefined);
  // Names alone say little: many sets begin with image 1.
  if (source?.config.data.path !== data.path) return [];
  const before = await readSplit(folder).catch((): ReadonlyMap<string, Split> => new Map());
  return (['validation', 'test'] as const).flatMap((part): DataIssue[] => {
    const mine = samples.filter(({ name }) => split.get(name) === part);
    const seen = mine.filter(({ name }) => before.get(name) === 'train').length;
    if (seen === 0) return [];
    const message =
      `${seen} of the ${mine.length} ${part} images were used to train ${run}, whose weights this run starts from: ` +
      `its numbers on them say little; use --split-file ${run} to divide the set as that run did`;
    return [{ severity: 'warning', file: data.path, message }];
  });
}
