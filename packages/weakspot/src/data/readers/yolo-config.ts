import { dirname } from 'node:path/posix';
import { join } from 'node:path';
import { messageOf } from '@weakspot/core';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Split } from '../dataset.js';
import type { IssueList } from '../issues.js';
import { nameKey } from '../names.js';
import { readText } from '../text.js';
import { stemOf } from './found-images.js';
import { textEnds } from './peek.js';
import type { FolderListing } from './reader.js';
import type { YoloNames } from './yolo-labels.js';

const MAX_LENGTH = 2 ** 20;
const HEAD = 16384;

const paths = z.union([z.string(), z.array(z.string())]).nullish();
const schema = z.object(
  {
    names: z.union([z.array(z.coerce.string()), z.record(z.string(), z.coerce.string())]).optional(),
    train: paths,
    val: paths,
    test: paths,
    kpt_shape: z.array(z.number()).nullish(),
  },
  { error: 'not the description of a YOLO set' },
);

/** What a set says of itself. */
export interface YoloConfig extends YoloNames {
  /** Names of its classes, where they are listed. */
  readonly names: readonly string[];
  /** The split of an image by its path; undefined where the set doesn't say. */
  splitOf(image: string): Split | undefined;
}

/** Files that a set is described in: `data.yaml`, or names alone, one a line, in the order of their numbers. */
export function configFile({ files, start }: FolderListing): string | undefined {
  if (start !== undefined) return /\.ya?ml$/i.test(start) ? start : undefined;
  const named = (pattern: RegExp): string | undefined => files.find((name) => pattern.test(name));
  return named(/(^|\/)(data|dataset)\.ya?ml$/i) ?? named(/\.ya?ml$/i) ?? named(NAMES_FILE);
}

/** Lists of class names: of labelImg and Label Studio, and of Darknet. */
export const NAMES_FILE = /(^|\/)(classes\.txt|[^/]*\.names)$/i;

/** Whether a YAML file has the keys of a YOLO set. */
export async function isYoloConfig(path: string): Promise<boolean> {
  const text = await textEnds(path, HEAD);
  return /^\s*names\s*:/m.test(text) && /^\s*(train|val|test|nc)\s*:/m.test(text);
}

/** Reads it; classes without a name are called `class 0` and so on. */
export async function readYoloConfig(
  { root, files }: FolderListing,
  name: string | undefined,
  issues: IssueList,
): Promise<YoloConfig> {
  if (name === undefined) return { names: [], nameOf: numbered, hasKeypoints: false, splitOf: () => undefined };
  const file = join(root, name);
  const text = await readText(file, issues);
  if (NAMES_FILE.test(name)) {
    const names = (text ?? '').split(/\r\n|\n|\r/).map((line) => line.trim());
    return {
      ...namesOf(names.filter((line, i) => line !== '' || i < names.length - 1)),
      hasKeypoints: false,
      splitOf: () => undefined,
    };
  }
  const parsed = schema.safeParse(yamlOf(text ?? '', file, issues));
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    issues.error(first?.message ?? 'not the description of a YOLO set', { file, field: first?.path.join('.') ?? '' });
    return { names: [], nameOf: numbered, hasKeypoints: false, splitOf: () => undefined };
  }
  const { names, train, val, test, kpt_shape: keypoints } = parsed.data;
  const parts: readonly (readonly [Split, readonly string[]])[] = [
    ['train', listOf(train)],
    ['validation', listOf(val)],
    ['test', listOf(test)],
  ];
  const folders = parts.flatMap(([split, list]) =>
    list.flatMap((path) => (/\.txt$/i.test(path) ? [] : [{ split, folder: inside(path) }])),
  );
  const listed = new Map<string, Split>();
  for (const [split, list] of parts) {
    for (const path of list.filter((entry) => /\.txt$/i.test(entry))) {
      const found = files.find((other) => `/${other}`.endsWith(`/${inside(path)}`));
      const lines = found === undefined ? undefined : await readText(join(root, found), issues);
      for (const line of (lines ?? '').split(/\r\n|\n|\r/))
        if (line.trim() !== '') listed.set(nameKey(stemOf(inside(line.trim()))), split);
    }
  }
  return {
    ...namesOf(names),
    hasKeypoints: keypoints !== undefined && keypoints !== null,
    splitOf: (image) =>
      listed.get(nameKey(stemOf(image))) ??
      folders.find(({ folder }) => folder !== '' && `/${nameKey(dirname(image))}/`.includes(`/${nameKey(folder)}/`))
        ?.split,
  };
}

function yamlOf(text: string, file: string, issues: IssueList): unknown {
  if (text.length > MAX_LENGTH) {
    issues.error(`larger than ${MAX_LENGTH} characters`, { file });
    return undefined;
  }
  try {
    // Few aliases, so that none can grow without bounds.
    return parse(text, { maxAliasCount: 20 });
  } catch (error) {
    issues.error(`not YAML: ${messageOf(error).split('\n', 1)[0]}`, { file });
    return undefined;
  }
}

function namesOf(
  names: readonly string[] | Readonly<Record<string, string>> | undefined,
): Pick<YoloConfig, 'names' | 'nameOf'> {
  if (names === undefined) return { names: [], nameOf: numbered };
  const byNumber = new Map(Object.entries(names).map(([number, name]) => [Number(number), name]));
  return { names: [...byNumber.values()], nameOf: (number) => byNumber.get(number) };
}

function numbered(number: number): string | undefined {
  return Number.isInteger(number) && number >= 0 && number < 10_000 ? `class ${number}` : undefined;
}

function listOf(entries: string | readonly string[] | null | undefined): readonly string[] {
  return entries === undefined || entries === null ? [] : typeof entries === 'string' ? [entries] : entries;
}

/** A path without what leads out of the set's folder: Roboflow writes `../train/images` for `train/images`. */
function inside(path: string): string {
  const parts = path.replaceAll('\\', '/').split('/');
  return parts.filter((part) => part !== '' && part !== '.' && part !== '..').join('/');
}
