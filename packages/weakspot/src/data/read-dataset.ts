import { readBoxes } from './boxes.js';
import { chooseClasses } from './classes.js';
import { mapLimited, throwIfAborted } from './concurrency.js';
import type { Dataset, LabelledFile } from './dataset.js';
import { reasonUnusable } from './files.js';
import { readClassFolders } from './folder.js';
import { placeBoxes } from './ground-truth.js';
import type { IssuePlace } from './issues.js';
import { IssueList } from './issues.js';
import type { LabelTable } from './labels.js';
import { readLabels, reportUnlabelledImages } from './labels.js';
import type { Source } from './source.js';
import { locateSource } from './source.js';

export interface ReadDatasetOptions {
  /** Folder that the label table's files are relative to. */
  readonly images?: string;
  /** The label table, where `path` is a folder and the table is not its `labels.csv`. */
  readonly labels?: string;
  /** The box table, where it is not found beside the labels. */
  readonly boxes?: string;
  /** Name of the positive class, where it can't be told. */
  readonly positive?: string;
  /** Class order of a trained run; any other label is an error. */
  readonly classes?: readonly string[];
  /** Missing and unreadable images are errors instead of warnings. */
  readonly strict?: boolean;
  /** Instead of the folder's name. */
  readonly name?: string;
  readonly signal?: AbortSignal;
}

/** Files looked at at once. */
const CONCURRENCY = 16;

/**
 * Reads the dataset at `path`: its labels and, for testing, its boxes. Images are not decoded.
 *
 * `path` is one of
 * - a folder with one sub-folder per class (images below it at any depth, named `class/...`) and maybe a `boxes.csv`;
 * - a folder with `labels.csv` (`file,label[,patient][,split]`) and maybe `boxes.csv` (`file,xmin,ymin,xmax,ymax[,label]`);
 * - such a label table itself, its boxes beside it as `<stem>-boxes.csv` or `boxes.csv`.
 *
 * Files in a table are relative to `options.images`, else to its folder, else to the `images` folder there; absolute
 * paths may be anywhere. Boxes are in pixels of the stored image; one that reaches over its edge is clipped. Splits are
 * `train`, `validation` (or `val`) and `test`.
 *
 * @throws WeakspotError `data` with every problem found, each with file and line, where one of them is an error (warnings
 * are the dataset's `issues`); `usage` where the options are wrong; `aborted` by the signal.
 */
export async function readDataset(path: string, options: ReadDatasetOptions = {}): Promise<Dataset> {
  const { images, labels, boxes, signal } = options;
  throwIfAborted(signal);
  const source = await locateSource(path, { images, labels, boxes });
  const issues = new IssueList();
  const { root, files } = await readFiles(source, issues);
  const place = { file: source.labels ?? root };
  const usable = await findUsable(files, place, source.labels, options, issues);
  const rows = source.boxes === undefined ? [] : await readBoxes(source.boxes, root, issues);
  if (usable.length === 0) issues.throwIfErrors(path);

  const byName = new Map<string, LabelledFile | undefined>(files.map((file) => [file.name, undefined]));
  for (const file of usable) byName.set(file.name, file);
  const boxed = new Set(rows.map((row) => byName.get(row.name)?.label).filter((label) => label !== undefined));
  const choice = chooseClasses(usable, boxed, { positive: options.positive, classes: options.classes }, place, issues);
  const truth = await placeBoxes(rows, byName, choice, { strict: options.strict ?? false, signal }, issues);
  throwIfAborted(signal);

  const left = usable.filter((file) => !truth.unreadable.has(file.name));
  if (left.length === 0) issues.error('no labelled image can be read', place);
  issues.throwIfErrors(path);
  const samples = left.map((file) => ({
    name: file.name,
    path: file.path,
    label: choice.classes.indexOf(file.label),
    patient: file.patient,
    split: file.split,
    boxes: truth.boxes.get(file.name) ?? [],
  }));
  return { name: options.name ?? source.name, root, ...choice, samples, issues: issues.list() };
}

async function readFiles(source: Source, issues: IssueList): Promise<LabelTable> {
  if (source.labels !== undefined) return readLabels(source.labels, source.roots, issues);
  const root = source.roots[0] as string;
  return { root, files: await readClassFolders(root, issues) };
}

/** The files that are there; the others are reported, and where none is there, so is that, as an error. */
async function findUsable(
  files: readonly LabelledFile[],
  place: IssuePlace,
  labels: string | undefined,
  { strict = false, signal }: ReadDatasetOptions,
  issues: IssueList,
): Promise<readonly LabelledFile[]> {
  const reasons = await mapLimited(files, CONCURRENCY, ({ path }) => reasonUnusable(path), signal);
  const usable = files.filter((_, i) => reasons[i] === undefined);
  if (usable.length === 0) {
    const looked = labels === undefined ? '' : `, such as ${files[0]?.path}; give the image folder with --images`;
    const reason =
      files.length === 0 ? 'there are no labelled images' : `none of the ${files.length} images is there${looked}`;
    // An unreadable table has said why already.
    if (!issues.hasErrors) issues.error(reason, place);
    return usable;
  }
  files.forEach(({ name, path, line }, i) => {
    if (reasons[i] === undefined) return;
    const where = labels === undefined || line === undefined ? { file: path } : { file: labels, line };
    issues.leftOut(strict, `image "${name}" ${reasons[i]}`, where);
  });
  if (labels !== undefined) await reportUnlabelledImages(labels, files, issues);
  return usable;
}
