import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WeakspotError, messageOf } from '@weakspot/core';
import { z } from 'zod';
import type { Dataset, Sample } from '../data/dataset.js';
import { codeOf } from '../data/storage.js';
import type { RunFolder } from './folder.js';
import { writeFileWhole } from './write.js';

const imageSchema = z.strictObject({
  /** Names of the classes that it has: one, unless images may have several. */
  labels: z.array(z.string()),
  /** Whether there is ground truth of it. */
  located: z.boolean(),
  /** Of its file's bytes, hexadecimal; null where it could not be read, absent where it is in no part of the run. */
  sha256: z.string().nullable().exactOptional(),
});
export type RecordedImage = z.infer<typeof imageSchema>;

const recordSchema = z.strictObject({
  format: z.literal(1),
  images: z.record(z.string(), imageSchema),
  /** Changes of the data that a resumed run was told to accept, with the epochs and steps that were done before. */
  changes: z.array(z.strictObject({ epoch: z.int(), step: z.int(), what: z.array(z.string()) })),
});
/** What a run was trained on, image by image: `data.json` in its folder. */
export type DataRecord = z.infer<typeof recordSchema>;

function recordPath(folder: RunFolder): string {
  return join(folder.path, 'data.json');
}

export async function writeDataRecord(folder: RunFolder, { format, images, changes }: DataRecord): Promise<void> {
  // A line for each image.
  const lines = Object.entries(images).map(([name, image]) => `  ${JSON.stringify(name)}: ${JSON.stringify(image)}`);
  const end = JSON.stringify(changes);
  const text = `{\n "format": ${format},\n "images": {\n${lines.join(',\n')}\n },\n "changes": ${end}\n}\n`;
  await writeFileWhole(recordPath(folder), text);
}

/**
 * What a run was trained on; undefined of a run made before that was kept.
 * @throws WeakspotError `model` where the file is damaged.
 */
export async function readDataRecord(folder: RunFolder): Promise<DataRecord | undefined> {
  const path = recordPath(folder);
  try {
    return recordSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new WeakspotError('model', `What the run was trained on cannot be read: ${path}: ${reason}`, {
      hint: 'Remove the file to continue without knowing whether the data have changed.',
      cause: error,
    });
  }
}

/** A data set's images as they are recorded; `contents` has the SHA-256 of the files of those that are in a part. */
export function recordedImages(
  { samples, classes }: Pick<Dataset, 'samples' | 'classes'>,
  contents: ReadonlyMap<string, string | null>,
): Record<string, RecordedImage> {
  const entries = samples.map((sample): [string, RecordedImage] => {
    const sha256 = contents.get(sample.name);
    const image = { labels: labelsOf(sample, classes), located: sample.regions.length > 0 };
    return [sample.name, sha256 === undefined ? image : { ...image, sha256 }];
  });
  // Without a prototype: an image may be named `__proto__`.
  return Object.assign(Object.create(null) as Record<string, RecordedImage>, Object.fromEntries(entries));
}

function labelsOf({ label, labels }: Sample, classes: readonly string[]): string[] {
  return (labels ?? [label]).map((index) => classes[index] ?? '');
}

/** Names shown of each kind of difference. */
const SHOWN = 5;

/** What differs between images recorded and images as they are: a line for each kind, with counts and the first names. */
export function differencesBetween(
  before: Readonly<Record<string, RecordedImage>>,
  now: Readonly<Record<string, RecordedImage>>,
): string[] {
  const [was, is] = [new Map(Object.entries(before)), new Map(Object.entries(now))];
  const kept = [...was].flatMap(([name, old]) => {
    const found = is.get(name);
    return found === undefined ? [] : [{ name, old, found }];
  });
  const relabelled = kept.filter(({ old, found }) => textOf(old) !== textOf(found));
  // Of an image in no part nobody knows the pixels.
  const changed = kept.filter(({ old, found }) => old.sha256 !== undefined && old.sha256 !== found.sha256);
  const located = kept.filter(({ old, found }) => !old.located && found.located);
  const unlocated = kept.filter(({ old, found }) => old.located && !found.located);
  const names = (some: readonly { readonly name: string }[]): string[] => some.map(({ name }) => name);
  return [
    ...line(
      'removed',
      [...was.keys()].filter((name) => !is.has(name)),
    ),
    ...line(
      'added',
      [...is.keys()].filter((name) => !was.has(name)),
    ),
    ...line(
      'relabelled',
      relabelled.map(({ name, old, found }) => `${name} (${textOf(old)} -> ${textOf(found)})`),
    ),
    ...line('with other content', names(changed)),
    ...line('with ground truth that had none before', names(located)),
    ...line('without ground truth that had some before', names(unlocated)),
  ];
}

function textOf({ labels }: RecordedImage): string {
  return labels.length === 0 ? 'none' : labels.join('|');
}

function line(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return [
    `${names.length} ${names.length === 1 ? 'image' : 'images'} ${what}: ${names.slice(0, SHOWN).join(', ')}${more}`,
  ];
}
