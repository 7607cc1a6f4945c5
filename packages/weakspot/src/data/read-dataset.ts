import { join } from 'node:path';
import { readBoxes } from './boxes.js';
import { chooseClasses, labelsIn } from './classes.js';
import { mapLimited, throwIfAborted } from './concurrency.js';
import type { Dataset, LabelledFile, Sample } from './dataset.js';
import { findAmong } from './ending-index.js';
import { reasonUnusable } from './files.js';
import { readClassFolders } from './folder.js';
import type { RegionRow } from './ground-truth.js';
import { placeRegions } from './ground-truth.js';
import type { IssuePlace } from './issues.js';
import { IssueList } from './issues.js';
import type { PlacedLabel } from './label-names.js';
import { checkAlike } from './label-names.js';
import { readLabels, reportUnlabelledImages } from './labels.js';
import type { PassedOver } from './passed-over.js';
import { describePassedOver, HIDDEN, PassedOverCounts } from './passed-over.js';
import { chooseReader, listForReaders, readWith } from './readers/choose.js';
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
  /** A set of one class is read, too: to be looked at, not to be learned from. */
  readonly oneClass?: boolean;
  /** Whether images may have several classes; as the label table has it, `|` between them, unless given. */
  readonly multiLabel?: boolean;
  /** Missing and unreadable images are errors instead of warnings. */
  readonly strict?: boolean;
  /** A reader's name, where it can't be told or is told wrong; see `formats`. */
  readonly format?: string;
  /** Instead of the folder's name. */
  readonly name?: string;
  readonly signal?: AbortSignal;
}

/** Files looked at at once. */
const CONCURRENCY = 16;

/**
 * Reads the dataset at `path`: its labels and, for testing, its ground truth. Images are not decoded.
 *
 * `path` is one of
 * - a public data set as published, or files in a known annotation format: whatever one of the readers recognises, or
 *   `options.format` names;
 * - a folder with one sub-folder per class (images below it at any depth, named `class/...`) and maybe a `boxes.csv`; such
 *   folders may lie in folders for the parts, `train/class/...` and `test/class/...`;
 * - a folder with `labels.csv` (`file,label[,patient][,split]`) and maybe `boxes.csv` (`file,xmin,ymin,xmax,ymax[,label]`);
 * - such a label table itself, its boxes beside it as `<stem>-boxes.csv` or `boxes.csv`.
 *
 * Files in a table are relative to `options.images`, else to its folder, else to the `images` folder there; absolute
 * paths may be anywhere. Regions are in pixels of the original image; one that reaches over its edge is clipped. Splits are
 * `train`, `validation` (or `val`) and `test`.
 *
 * @throws WeakspotError `data` with every problem found, each with file and line, where one of them is an error (warnings
 * are the dataset's `issues`); `usage` where the options are wrong; `aborted` by the signal.
 */
export async function readDataset(path: string, options: ReadDatasetOptions = {}): Promise<Dataset> {
  const { signal } = options;
  throwIfAborted(signal);
  const issues = new IssueList();
  const found = await readFound(path, options, issues);
  const { root } = found;
  const spell = spellingOf(options.classes ?? []);
  const files = found.files.map((file) => ({ ...file, label: spell(file.label) }));
  const truth = found.truth.map((row) => (row.label === undefined ? row : { ...row, label: spell(row.label) }));
  const place = { file: found.labels ?? root };
  const usable = await findUsable(files, place, found.labels, options, issues);
  const passedOver = reportPassedOver(root, issues);
  if (usable.length === 0) issues.throwIfErrors(path);

  const byName = new Map<string, LabelledFile | undefined>(files.map((file) => [file.name, undefined]));
  for (const file of usable) byName.set(file.name, file);
  const multiLabel =
    options.multiLabel ??
    (['table', 'one-hot'].includes(found.format) && usable.some(({ label }) => label.includes('|')));
  const labelsOf = ({ label }: LabelledFile): string[] => (multiLabel ? labelsIn(label) : [label]);
  const labelled = usable.flatMap((file) => labelsOf(file).map((label) => ({ ...file, label })));
  const marked = new Set(truth.flatMap((row) => byName.get(row.name)?.label ?? []));
  const names = [...new Set(labelled.map((file) => file.label))].toSorted();
  const isOwn = found.format === 'table' || found.format === 'class-folders';
  // Which classes there are is not known then.
  if (isOwn && !checkNames(labelled, truth, found, issues)) issues.throwIfErrors(path);
  // A part of a set may have no image of the class that the set is for. Every class of a multi-label set is told by
  // itself, in the order of their names: which one is looked at first decides nothing.
  const present = options.classes ?? names;
  const settled = multiLabel ? present[0] : present.find((label) => label === found.positive);
  const { oneClass = false } = options;
  if (multiLabel && options.classes === undefined && names.length < (oneClass ? 1 : 2)) {
    const named = names.length === 0 ? 'no class' : `no class but "${names[0]}"`;
    const message =
      `the labels of a multi-label set name ${named}: at least two classes are needed, apart from names like "normal" ` +
      'that stand for none; data.multiLabel: false reads the set with one label for each image';
    issues.error(message, place);
    issues.throwIfErrors(path);
  }
  const sorted = multiLabel ? names : undefined;
  const positive = options.positive === undefined ? settled : spell(options.positive);
  const wanted = { positive, classes: options.classes ?? sorted, oneClass };
  const choice = chooseClasses(labelled, marked, wanted, place, issues);
  const placing = { strict: options.strict ?? false, signal, ...(multiLabel ? { labelsOf } : {}) };
  const placed = await placeRegions(truth, byName, choice, placing, issues);
  throwIfAborted(signal);

  const left = usable.filter((file) => !placed.unreadable.has(file.name));
  if (left.length === 0) issues.error('no labelled image can be read', place);
  issues.throwIfErrors(path);
  const samples = left.map((file): Sample => {
    const { name, path: image, patient, split, view, frame } = file;
    const labels = labelsOf(file).map((label) => choice.classes.indexOf(label));
    const regions = placed.regions.get(name) ?? [];
    return {
      name,
      path: image,
      label:
        labels.find((label) => label === choice.positive) ?? Math.min(...labels, labels.length === 0 ? -1 : Infinity),
      patient,
      split,
      ...(view === undefined ? {} : { view }),
      ...(frame === undefined ? {} : { frame }),
      regions: regions.map(({ region }) => region),
      ...(multiLabel
        ? {
            labels: labels.toSorted((a, b) => a - b),
            regionLabels: regions.map((one) => indexIn(choice.classes, one.label)),
          }
        : {}),
    };
  });
  const { format, otherFormats } = found;
  const name = options.name ?? found.name;
  const kind = multiLabel ? { multiLabel } : {};
  return { name, format, otherFormats, root, ...kind, ...choice, samples, passedOver, issues: issues.list() };
}

/** Says what the walks passed over, in a warning unless it is only what an operating system leaves behind. */
function reportPassedOver(root: string, issues: IssueList): readonly PassedOver[] {
  const kinds = issues.passedOver.list();
  if (kinds.some(({ kind }) => kind !== HIDDEN)) {
    issues.warning('passed over', `passed over: ${describePassedOver(kinds)}`, { file: root });
  }
  return kinds;
}

/** A label as a trained run has it, or else in composed Unicode: letters that look the same are. */
function spellingOf(classes: readonly string[]): (label: string) => string {
  const known = new Map(classes.map((name) => [name.normalize('NFC'), name]));
  return (label) => known.get(label.normalize('NFC')) ?? label.normalize('NFC');
}

/** Whether each class of a table, with its boxes, or of folders is written in one way; otherwise there are errors. */
function checkNames(
  files: readonly LabelledFile[],
  truth: readonly RegionRow[],
  { labels, root }: Found,
  issues: IssueList,
): boolean {
  const written = files.map(({ label, line }): PlacedLabel => {
    if (labels === undefined) return [label, { file: join(root, label) }];
    return [label, { file: labels, ...(line === undefined ? {} : { line }), field: 'label' }];
  });
  const marked = truth.flatMap(({ label, place }): PlacedLabel[] =>
    label === undefined ? [] : [[label, { ...place, field: 'label' }]],
  );
  return checkAlike([...written, ...marked], issues);
}

function indexIn(classes: readonly string[], label: string | undefined): number | undefined {
  const index = label === undefined ? -1 : classes.indexOf(label);
  return index < 0 ? undefined : index;
}

/** A dataset as its reader found it. */
interface Found {
  readonly name: string;
  readonly format: string;
  readonly otherFormats: readonly string[];
  readonly root: string;
  /** The label table, where there is one. */
  readonly labels: string | undefined;
  readonly files: readonly LabelledFile[];
  readonly truth: readonly RegionRow[];
  readonly positive?: string;
}

async function readFound(path: string, options: ReadDatasetOptions, issues: IssueList): Promise<Found> {
  const { images, labels, boxes, format } = options;
  const strict = options.strict ?? false;
  const leftOut: [path: string, reason: string][] = [];
  const passed = new PassedOverCounts();
  const listing = await listForReaders(path, { report: (file, reason) => leftOut.push([file, reason]), passed });
  const choice = listing === undefined ? undefined : await chooseReader(listing, { format, labels }, path);
  if (listing !== undefined && choice?.reader !== undefined) {
    for (const kind of passed.list()) issues.passedOver.append(kind);
    for (const [file, reason] of leftOut) issues.leftOut(strict, reason, { file });
    return { otherFormats: choice.others, ...(await readWith(choice.reader, listing, options, issues)) };
  }
  const source = await locateSource(path, { images, labels, boxes, format });
  const { root, files } = await readFiles(source, options, issues);
  const names = findAmong(files.map(({ name }) => name));
  const truth = source.boxes === undefined ? [] : await readBoxes(source.boxes, root, issues, names);
  const kind = source.labels === undefined ? 'class-folders' : 'table';
  return { name: source.name, format: kind, otherFormats: [], root, labels: source.labels, files, truth };
}

async function readFiles(
  source: Source,
  { strict = false, signal }: ReadDatasetOptions,
  issues: IssueList,
): Promise<{ root: string; files: readonly LabelledFile[] }> {
  if (source.labels !== undefined) return readLabels(source.labels, source.roots, issues);
  const root = source.roots[0] as string;
  return { root, files: await readClassFolders(root, strict, issues, signal) };
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
    const passed = describePassedOver(issues.passedOver.list());
    const none = `there are no labelled images${passed === '' ? '' : `; passed over: ${passed}`}`;
    const reason = files.length === 0 ? none : `none of the ${files.length} images was found${looked}`;
    // An unreadable table has said why already.
    if (!issues.hasErrors) issues.error(reason, place);
    return usable;
  }
  files.forEach(({ name, path, line }, i) => {
    if (reasons[i] === undefined) return;
    const where = labels === undefined || line === undefined ? { file: path } : { file: labels, line };
    issues.leftOut(strict, `image "${name}" ${reasons[i]}`, where);
  });
  if (labels !== undefined) await reportUnlabelledImages(labels, files, usable, issues);
  return usable;
}
