import { basename, dirname, extname, join, resolve } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import { kindOf } from './files.js';

export interface SourceOptions {
  readonly images: string | undefined;
  readonly labels: string | undefined;
  readonly boxes: string | undefined;
  /** `table` or `class-folders` where the caller says which. */
  readonly format?: string | undefined;
}

/** Where the parts of a dataset are, as absolute paths. */
export interface Source {
  readonly name: string;
  /** The label table; undefined where each class is a folder. */
  readonly labels: string | undefined;
  readonly boxes: string | undefined;
  /** Folders that the images may be in, in the order they are looked through. */
  readonly roots: readonly string[];
}

/**
 * Finds the parts of the dataset at `path`, a folder or a label table. Paths in the options are relative to the working
 * directory or, where nothing is there, to the dataset's folder.
 *
 * @throws WeakspotError `data` where `path`, or a path in the options, leads to nothing; `usage` where an image folder
 * is given beside class folders.
 */
export async function locateSource(path: string, options: SourceOptions): Promise<Source> {
  const start = resolve(path);
  const kind = await kindOf(start);
  if (kind === undefined) {
    throw new WeakspotError('data', `there is no file or folder ${path}`, {
      hint: 'Give a folder with one sub-folder per class, a folder with a labels.csv, or a CSV file.',
    });
  }
  const folder = kind === 'folder' ? start : dirname(start);
  const given = async (
    option: string | undefined,
    kindWanted: 'file' | 'folder',
    what: string,
  ): Promise<string | undefined> => (option === undefined ? undefined : findGiven(option, folder, kindWanted, what));
  const images = await given(options.images, 'folder', 'image folder');
  const boxes = await given(options.boxes, 'file', 'box table');
  const table =
    kind === 'file'
      ? start
      : ((await given(options.labels, 'file', 'label table')) ?? (await ifFile(join(folder, 'labels.csv'))));
  if (table === undefined && options.format === 'table') {
    throw new WeakspotError('data', `${path} has no labels.csv`, { hint: 'Give the label table itself.' });
  }
  const labels = options.format === 'class-folders' && kind === 'folder' ? undefined : table;

  if (labels === undefined) {
    if (images !== undefined) {
      throw new WeakspotError('usage', `${path} has no labels.csv: a separate image folder needs a label table`, {
        hint: 'Give the label table with --labels.',
      });
    }
    return {
      name: basename(folder),
      labels,
      boxes: boxes ?? (await ifFile(join(folder, 'boxes.csv'))),
      roots: [folder],
    };
  }
  const stem = basename(labels, extname(labels));
  const beside = dirname(labels);
  const places = [join(beside, `${stem}-boxes.csv`), join(beside, 'boxes.csv'), join(folder, 'boxes.csv')];
  const near = [folder, join(folder, 'images'), beside, join(beside, 'images')];
  return {
    name: basename(folder),
    labels,
    boxes: boxes ?? (await firstFile(places.filter((place) => place !== labels))),
    roots: images === undefined ? [...new Set(near)] : [images],
  };
}

async function findGiven(option: string, folder: string, kind: 'file' | 'folder', what: string): Promise<string> {
  for (const place of [resolve(option), resolve(folder, option)]) if ((await kindOf(place)) === kind) return place;
  throw new WeakspotError('data', `there is no ${what} ${option}`, { hint: `Looked for it here and in ${folder}.` });
}

async function ifFile(path: string): Promise<string | undefined> {
  return (await kindOf(path)) === 'file' ? path : undefined;
}

async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if ((await kindOf(path)) === 'file') return path;
  return undefined;
}
