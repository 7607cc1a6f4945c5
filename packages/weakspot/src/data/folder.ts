import { join } from 'node:path';
import type { LabelledFile } from './dataset.js';
import { hasImageEnding, listFilesBelow, listFolder } from './files.js';
import type { IssueList } from './issues.js';

const SPLIT_NAMES = /^(train|training|val|valid|validation|dev|test|testing)$/i;

/**
 * Reads a folder with one sub-folder per class: each image below it, at any depth, is a sample of that class.
 *
 * @throws WeakspotError `data` where the folder itself cannot be read.
 */
export async function readClassFolders(root: string, strict: boolean, issues: IssueList): Promise<LabelledFile[]> {
  const report = (path: string, reason: string): void => issues.leftOut(strict, reason, { file: path });
  const { files, folders } = await listFolder(root, report);
  if (folders.length > 0 && folders.every((name) => SPLIT_NAMES.test(name))) {
    issues.error(
      `the sub-folders are named like splits (${folders.join(', ')}), not classes: give one of them, or write a labels.csv with a split column`,
      { file: root },
    );
    return [];
  }
  for (const name of files) {
    if (hasImageEnding(name)) reportUnlabelled(join(root, name), 'it is in no class folder', issues);
  }
  const found: LabelledFile[] = [];
  for (const label of folders) {
    const before = found.length;
    for (const name of await listFilesBelow(join(root, label), report)) {
      const path = join(root, label, name);
      if (hasImageEnding(name)) {
        found.push({ name: `${label}/${name}`, path, label, patient: undefined, split: undefined, line: undefined });
      } else {
        issues.warning('files that are not images by their name', 'not an image by its name: left out', { file: path });
      }
    }
    if (found.length === before) {
      issues.warning('folders without images', 'the folder holds no images: it makes no class', {
        file: join(root, label),
      });
    }
  }
  return found;
}

export function reportUnlabelled(path: string, reason: string, issues: IssueList): void {
  issues.warning('images without a label', `the image has no label (${reason}): left out`, { file: path });
}
