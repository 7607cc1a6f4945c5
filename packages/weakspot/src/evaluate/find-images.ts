import { relative, resolve } from 'node:path';
import { WeakspotError, messageOf } from '@weakspot/core';
import { kindOf, listFilesBelow } from '../data/files.js';
import { imagesAmong } from '../data/image-files.js';
import { describePassedOver, PassedOverCounts } from '../data/passed-over.js';
import { markedFrames } from '../data/readers/marked-frames.js';
import type { ImageFile } from './frames.js';

/**
 * Image files of paths that are files or folders (searched in depth), each once; a file is taken whatever its name ends in.
 * In a folder an image is told by its ending, or by its content where it is DICOM or has no ending; all else is counted in
 * `passed`. Where DICOM segmentations or reports in a folder mark a frame of an image, that frame is meant, as in training.
 * @throws WeakspotError `data` naming a path that is neither, or a folder that has no images or cannot be read.
 */
export async function findImages(
  paths: readonly string[],
  passed: PassedOverCounts = new PassedOverCounts(),
): Promise<ImageFile[]> {
  const found = new Map<string, ImageFile>();
  for (const path of paths) {
    const kind = await kindOf(path);
    if (kind === undefined)
      throw new WeakspotError('data', `There is no file or folder ${path}.`, { hint: 'Check the path.' });
    const images = kind === 'file' ? [fileItself(path)] : await imagesBelow(path, passed);
    for (const image of images) found.set(image.path, image);
  }
  return [...found.values()];
}

function fileItself(path: string): ImageFile {
  const file = resolve(path);
  return { path: file, name: relative(resolve(path, '..'), file) };
}

async function imagesBelow(folder: string, passed: PassedOverCounts): Promise<ImageFile[]> {
  const own = new PassedOverCounts();
  const names = await imagesAmong(folder, await listFiles(folder, own), own);
  const marked = await markedFrames({ root: resolve(folder), files: names, start: undefined });
  const images: ImageFile[] = [];
  for (const name of names) {
    if (marked?.annotations.has(name) === true) {
      const remedy = 'the frame that they mark is unknown: export them again';
      if (marked.unreadable.has(name)) own.add('damaged DICOM SEG or SR', folder, name, remedy);
      else own.add('DICOM SEG or SR', folder, name);
      continue;
    }
    const frame = marked?.frames.get(name);
    images.push({ path: resolve(folder, name), name, ...(frame === undefined ? {} : { frame }) });
  }
  for (const counted of own.list()) passed.append(counted);
  if (images.length > 0) return images;
  const what = describePassedOver(own.list());
  throw new WeakspotError('data', `${folder} holds no images${what === '' ? '' : `, but ${what}`}.`, {
    hint: 'Images are recognized by their endings, such as .png or .jpg; DICOM files also by their content.',
  });
}

async function listFiles(folder: string, passed: PassedOverCounts): Promise<string[]> {
  try {
    return await listFilesBelow(folder, { passed });
  } catch (error) {
    throw new WeakspotError('data', `Cannot read the folder ${folder}: ${messageOf(error)}`, {
      hint: 'Check its permissions, and those of the folders in it.',
      cause: error,
    });
  }
}
