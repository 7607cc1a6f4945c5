import { join } from 'node:path';
import type { LabelledFile, Split } from './dataset.js';
import { listFilesBelow, listFolder } from './files.js';
import type { ListingReports } from './files.js';
import { imagesAmong } from './image-files.js';
import type { IssueList } from './issues.js';
import { withoutLoneTraining } from './readers/found-images.js';
import { splitOfFolder } from './readers/path-split.js';

/** A table of boxes that class folders may have beside them. */
export const BOX_TABLE = 'boxes.csv';

/**
 * Reads a folder with one sub-folder per class: each image below it, at any depth, is a sample of that class. Such folders
 * may lie in folders for the parts (`train/lesion`, `test/lesion`), or these in them (`lesion/train`): images then have
 * that split. Where only a training part is there, they have none.
 *
 * @throws WeakspotError `data` where the folder itself cannot be read; `aborted` by the signal.
 */
export async function readClassFolders(
  root: string,
  strict: boolean,
  issues: IssueList,
  signal?: AbortSignal,
): Promise<readonly LabelledFile[]> {
  const reports: ListingReports = {
    report: (path, reason) => issues.leftOut(strict, reason, { file: path }),
    passed: issues.passedOver,
  };
  const walk: Walk = { root, reports, issues, signal };
  const { files, folders } = await listFolder(root, reports);
  const parts = folders.filter((name) => splitOfFolder(name) !== undefined);
  await reportLoose(walk, '', files, 'it is in no class folder');
  if (parts.length > 0) return readParts(walk, parts, folders);
  if (folders.length === 1 && (await holdsParts(join(root, folders[0] as string)))) {
    const inner = join(root, folders[0] as string);
    issues.error(`it holds one folder with folders for parts in it: give ${inner}`, { file: root });
    return [];
  }
  const found = await readClasses(walk, '', folders, undefined);
  return withInnerSplits(walk, found);
}

interface Walk {
  readonly root: string;
  readonly reports: ListingReports;
  readonly issues: IssueList;
  readonly signal: AbortSignal | undefined;
}

/** `train/lesion/a.png`: the folders of `root` that are parts, each with class folders. */
async function readParts(
  walk: Walk,
  parts: readonly string[],
  folders: readonly string[],
): Promise<readonly LabelledFile[]> {
  const { root, reports, issues } = walk;
  const others = folders.filter((name) => !parts.includes(name));
  const splits = new Set(parts.map(splitOfFolder));
  if (others.length > 0 && (splits.size < 2 || !splits.has('train'))) {
    const message =
      `of its folders ${parts.join(', ')} ${parts.length === 1 ? 'is' : 'are'} named like a part of a set, and ` +
      `${others.join(', ')} like classes: rename one, or write a labels.csv with a split column`;
    issues.error(message, { file: root });
    return [];
  }
  for (const name of others) {
    const message = `it is beside the parts ${parts.join(', ')} but is not a part: left out`;
    issues.warning('folders beside the parts', message, { file: join(root, name) });
  }
  const found: LabelledFile[] = [];
  let classes = 0;
  for (const part of parts) {
    const inside = await listFolder(join(root, part), reports);
    classes += inside.folders.length;
    await reportLoose(walk, part, inside.files, `it is in no class folder of ${part}`);
    for (const file of await readClasses(walk, part, inside.folders, splitOfFolder(part))) found.push(file);
  }
  if (classes === 0) {
    const named = parts.join(', ');
    issues.error(
      `its folders are parts (${named}) without class folders in them, such as ${parts[0]}/normal: make these, or write a labels.csv with a split column`,
      { file: root },
    );
  }
  reportUnlearned(found, parts, walk);
  return withoutLoneTraining(found);
}

/** Every image below the class folders in `root/within`. */
async function readClasses(
  { root, reports, issues, signal }: Walk,
  within: string,
  labels: readonly string[],
  split: Split | undefined,
): Promise<LabelledFile[]> {
  const found: LabelledFile[] = [];
  for (const label of labels) {
    const folder = join(root, within, label);
    const images = await imagesAmong(folder, await listFilesBelow(folder, reports), issues.passedOver, signal);
    for (const image of images) {
      const name = [...(within === '' ? [] : [within]), label, image].join('/');
      found.push({ name, path: join(folder, image), label, patient: undefined, split, line: undefined });
    }
    if (images.length === 0) {
      issues.warning('folders without images', 'the folder holds no images: it is not taken as a class', {
        file: folder,
      });
    }
  }
  return found;
}

/** Takes the splits from `lesion/train/a.png` where every image has one. */
function withInnerSplits({ root, issues }: Walk, files: readonly LabelledFile[]): readonly LabelledFile[] {
  const splits = files.map(({ name }) => {
    const [, inner, ...rest] = name.split('/');
    return rest.length === 0 ? undefined : splitOfFolder(inner ?? '');
  });
  if (files.length > 0 && !splits.includes(undefined)) {
    return withoutLoneTraining(files.map((file, i): LabelledFile => ({ ...file, split: splits[i] })));
  }
  const odd = splits.findIndex((split) => split !== undefined);
  if (odd >= 0) {
    const message =
      'some class folders hold folders named like parts, but not all images are in these: they are not taken as a split';
    issues.warning('folders named like parts', message, { file: join(root, (files[odd] as LabelledFile).name) });
  }
  return files;
}

/** Warns of classes that are in another part and not in training. */
function reportUnlearned(files: readonly LabelledFile[], parts: readonly string[], { root, issues }: Walk): void {
  const learned = new Set(files.filter(({ split }) => split === 'train').map(({ label }) => label));
  if (learned.size === 0) return;
  for (const label of new Set(files.map((file) => file.label))) {
    if (learned.has(label)) continue;
    const message = `class "${label}" has no image for training: of the parts ${parts.join(', ')}, only those not for training have it`;
    issues.warning('classes not trained on', message, { file: root });
  }
}

/** Whether a folder holds folders for parts and nothing else. */
async function holdsParts(folder: string): Promise<boolean> {
  const { folders } = await listFolder(folder).catch(() => ({ folders: [] }));
  return folders.length > 0 && folders.every((name) => splitOfFolder(name) !== undefined);
}

/** Reports the images among files that lie beside the class folders. */
async function reportLoose(
  { root, issues, signal }: Walk,
  within: string,
  files: readonly string[],
  reason: string,
): Promise<void> {
  const folder = join(root, within);
  const others = files.filter((name) => within !== '' || name !== BOX_TABLE);
  for (const name of await imagesAmong(folder, others, issues.passedOver, signal)) {
    reportUnlabelled(join(folder, name), reason, issues);
  }
}

export function reportUnlabelled(path: string, reason: string, issues: IssueList): void {
  issues.warning('images without a label', `the image has no label (${reason}): left out`, { file: path });
}
