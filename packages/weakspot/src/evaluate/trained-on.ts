import { dirname, resolve } from 'node:path';
import { contentsOf } from '../data/contents.js';
import { findCopies } from '../data/copies.js';
import type { Sample, Split } from '../data/dataset.js';
import { codeOf } from '../data/storage.js';
import { type DataRecord, readDataRecord } from '../run/data-record.js';
import { isRun, readConfig, readSplit, runFolder } from '../run/folder.js';
import { openDataset } from '../run/open-dataset.js';

/** An image that a model was made from; without a path where it cannot be found any more. */
export interface ModelImage {
  readonly part: 'train' | 'validation';
  /** In its data set. */
  readonly name: string;
  readonly path?: string;
  /** Of a file with several frames, from 1. */
  readonly frame?: number;
  /** Of the bytes that its file had, hexadecimal, where its run recorded it. */
  readonly sha256?: string;
}

/** The images of a data set that a model was made from, by the parts that its run divided it into. */
export function modelImages(
  samples: readonly Sample[],
  split: ReadonlyMap<string, Split>,
  record?: Pick<DataRecord, 'images'>,
): ModelImage[] {
  const byName = new Map(samples.map((sample) => [sample.name, sample]));
  return [...split].flatMap(([name, part]): ModelImage[] => {
    if (part === 'test') return [];
    const { path, frame } = byName.get(name) ?? {};
    const sha256 = record?.images[name]?.sha256 ?? undefined;
    return [
      {
        part,
        name,
        ...(path === undefined ? {} : { path }),
        ...(frame === undefined ? {} : { frame }),
        ...(sha256 === undefined ? {} : { sha256 }),
      },
    ];
  });
}

/**
 * The images that a run's model was made from. Where its data set cannot be read any more, their names are left and, of runs that
 * recorded it, their content; none where the run kept neither. Those of a run whose weights it started from too.
 * @throws WeakspotError `model` if what a run kept of them is damaged: nobody would be warned.
 */
export async function readModelImages(run: string): Promise<ModelImage[]> {
  return [...(await imagesOf(run)), ...(await readEarlierImages(run))];
}

/** The images of the runs whose weights a run started from, one after another. */
export async function readEarlierImages(run: string): Promise<ModelImage[]> {
  const images: ModelImage[] = [];
  const seen = new Set([runFolder(run).path]);
  for (
    let earlier = await startOf(run);
    earlier !== undefined && !seen.has(earlier);
    earlier = await startOf(earlier)
  ) {
    seen.add(earlier);
    images.push(...(await imagesOf(earlier)));
  }
  return images;
}

/** The run whose weights a run started from, if they were a run's: it is told by its folder, model or checkpoint. */
async function startOf(run: string): Promise<string | undefined> {
  const stored = await readConfig(runFolder(run)).catch(() => undefined);
  const path = stored?.run.init?.path;
  if (path === undefined) return undefined;
  for (const folder of [path, dirname(path), dirname(dirname(path))].map((one) => runFolder(one))) {
    const files = [folder.path, folder.model, folder.checkpoint('last'), folder.checkpoint('best')];
    if (files.includes(resolve(path)) && (await isRun(folder))) return folder.path;
  }
  return undefined;
}

async function imagesOf(run: string): Promise<ModelImage[]> {
  const folder = runFolder(run);
  const split = await readSplit(folder).catch((error: unknown) => {
    if (error instanceof Error && codeOf(error.cause) === 'ENOENT') return undefined;
    throw error;
  });
  if (split === undefined || split.size === 0) return [];
  const dataset = await readConfig(folder)
    .then(({ config, run: info }) => openDataset(config, info))
    .catch(() => undefined);
  const record = await readDataRecord(folder);
  return modelImages(dataset?.samples ?? [], split, record);
}

/**
 * How many of the images tested are among those that a model was made from: the same file or another of the same bytes; of
 * images that cannot be found any more and whose bytes were not recorded, one of the same name.
 * @throws WeakspotError `aborted`.
 */
export async function countModelImages(
  tested: readonly Sample[],
  made: readonly ModelImage[],
  signal: AbortSignal | undefined,
): Promise<{ readonly trained: number; readonly validated: number; readonly byName: number }> {
  const key = ({ frame = 1 }: { readonly frame?: number }, of: string): string => `${frame} ${of}`;
  const byFile = new Map<string, ModelImage['part']>();
  const lost = new Map<string, ModelImage['part']>();
  const recorded = new Map<string, ModelImage['part']>();
  // What one run trained on and another validated with was trained on.
  for (const image of made.toSorted((a, b) => Number(a.part === 'train') - Number(b.part === 'train'))) {
    if (image.path === undefined && image.sha256 !== undefined) recorded.set(image.sha256, image.part);
    else if (image.path === undefined) lost.set(image.name, image.part);
    else byFile.set(key(image, resolve(image.path)), image.part);
  }
  const parts = tested.map((sample) => byFile.get(key(sample, resolve(sample.path))) ?? lost.get(sample.name));
  const byName = tested.filter(
    (sample) => !byFile.has(key(sample, resolve(sample.path))) && lost.has(sample.name),
  ).length;
  if (recorded.size > 0) {
    const contents = await contentsOf(tested, { cache: undefined, signal });
    for (const [i, { name }] of tested.entries()) parts[i] ??= recorded.get(contents.get(name) ?? '');
  }
  // Files are read only of images that are not settled by their paths.
  const open = tested.flatMap((_, i) => (parts[i] === undefined ? [i] : []));
  const known = made.filter((image) => image.path !== undefined);
  if (open.length > 0 && known.length > 0) {
    const files = [
      ...open.map((i) => ({ ...(tested[i] as Sample), name: `tested ${i}` })),
      ...known.map(({ path = '' }, i) => ({ ...(tested[0] as Sample), path, name: `made ${i}` })),
    ];
    for (const copies of await findCopies(files, { signal })) {
      const numbers = (kind: string): number[] =>
        copies.filter((name) => name.startsWith(kind)).map((name) => Number(name.slice(kind.length)));
      for (const i of numbers('tested ')) {
        const of = numbers('made ')
          .map((n) => known[n] as ModelImage)
          .filter(({ frame = 1 }) => frame === (tested[i]?.frame ?? 1));
        parts[i] = of.find(({ part }) => part === 'train')?.part ?? of[0]?.part;
      }
    }
  }
  return {
    trained: parts.filter((part) => part === 'train').length,
    validated: parts.filter((part) => part === 'validation').length,
    byName,
  };
}
