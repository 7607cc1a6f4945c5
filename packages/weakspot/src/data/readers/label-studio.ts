import { join } from 'node:path';
import { z } from 'zod';
import { throwIfAborted } from '../concurrency.js';
import { hasImageEnding } from '../files.js';
import type { IssueList } from '../issues.js';
import { nameKey, pathInUrl } from '../names.js';
import type { AnnotatedSet, Mark } from './annotated-set.js';
import { openAnnotatedSet } from './annotated-set.js';
import { columnsOf } from './csv-columns.js';
import { FileErrors } from './file-errors.js';
import { readJson } from './json-file.js';
import { readResults } from './label-studio-results.js';
import { MaskBudget } from './mask-budget.js';
import { splitInPath } from './path-split.js';
import { textEnds } from './peek.js';
import type { DatasetReader, FolderListing } from './reader.js';

/** What is looked at of a file's beginning and of its end. */
const ENDS = 65536;
const LOOKED_AT = 20;
/** What Label Studio puts before the name of a file that is uploaded. */
const UPLOADED = /^[0-9a-f]{8}-/;

const task = z.looseObject({
  data: z.record(z.string(), z.unknown()),
  file_upload: z.string().nullish(),
  annotations: z.array(z.looseObject({ result: z.array(z.unknown()), was_cancelled: z.boolean().nullish() })),
});

/**
 * Label Studio's export as JSON: rectangles, ellipses, polygons and brushes are regions, choices and taxonomies labels of whole
 * images. An image with an annotation of which the results are empty is a negative; a task that nobody annotated, or that was
 * skipped, is left out. Its short JSON (`JSON-MIN`) and its CSV mix what was annotated with what was given, and are refused.
 */
export const labelStudio: DatasetReader<'label-studio'> = {
  format: 'label-studio',
  title: 'Label Studio',

  recognises: async (listing) => {
    for (const name of candidates(listing).slice(0, LOOKED_AT)) {
      if ((await kindOfExport(join(listing.root, name))) !== undefined) return true;
    }
    return false;
  },

  async read(listing, options, issues) {
    const set = await openAnnotatedSet(listing, options, issues);
    const budget = new MaskBudget();
    for (const name of candidates(listing)) {
      throwIfAborted(options.signal);
      const file = join(listing.root, name);
      const kind = await kindOfExport(file);
      if (kind === 'short') {
        const message = 'it is of Label Studio, as JSON-MIN or CSV, which mix labels with other data: export as "JSON"';
        issues.error(message, { file });
      } else if (kind === 'full' || listing.start !== undefined) await readInto(set, file, name, budget, issues);
    }
    return set.result();
  },
};

function candidates({ files, start }: FolderListing): readonly string[] {
  return (start === undefined ? files : [start]).filter((name) => /\.(json|csv|tsv)$/i.test(name));
}

async function kindOfExport(path: string): Promise<'full' | 'short' | undefined> {
  if (!/\.json$/i.test(path)) {
    const columns = await columnsOf(path);
    return ['annotation_id', 'annotator', 'lead_time'].every((name) => columns.includes(name)) ? 'short' : undefined;
  }
  const text = await textEnds(path, ENDS);
  const has = (key: string): boolean => new RegExp(`"${key}"\\s*:`).test(text);
  if (!/^\s*\[/.test(text)) return undefined;
  if (has('annotations') && has('data') && (has('result') || has('lead_time') || has('file_upload'))) return 'full';
  return has('annotation_id') && has('annotator') && has('lead_time') ? 'short' : undefined;
}

async function readInto(
  set: AnnotatedSet,
  file: string,
  name: string,
  budget: MaskBudget,
  issues: IssueList,
): Promise<void> {
  const schema = z.array(z.unknown(), { error: "not Label Studio's export as JSON: a list of tasks" });
  const tasks = await readJson(file, schema, issues);
  const errors = new FileErrors(file, issues);
  for (const [i, item] of (tasks ?? []).entries()) {
    if (errors.isFull) return;
    const parsed = task.safeParse(item);
    if (!parsed.success) {
      const [first] = parsed.error.issues;
      const path = (first?.path ?? [])
        .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
        .join('');
      errors.add(first?.message ?? 'not as expected', { field: `[${i}]${path}` });
      continue;
    }
    const { data, file_upload: upload, annotations } = parsed.data;
    const place = { file, field: `[${i}].data` };
    const names = namesOf(data, upload ?? undefined);
    if (names.length === 0) {
      errors.add('the task names no image', { field: place.field });
      continue;
    }
    const image = set.find(names, place);
    if (image === undefined) continue;
    const marks: Mark[] = [];
    let isAnnotated = false;
    for (const [k, { result, was_cancelled: skipped }] of annotations.entries()) {
      if (skipped === true) continue;
      const field = `[${i}].annotations[${k}].result`;
      const found = readResults(result, file, field, budget, errors);
      marks.push(...found.marks);
      for (const what of found.unread) {
        issues.warning('marks without a region', `"${image.name}" has ${what}: it has no region`, { file, field });
      }
      if (result.length > 0 && found.marks.length === 0) {
        errors.add('it has results, but none says what the image shows', { field });
      }
      isAnnotated = true;
    }
    if (!isAnnotated) {
      issues.warning('images without an annotation', 'the task is not annotated, or was skipped: left out', place);
      continue;
    }
    const folder = image.name.split('/').slice(0, -1).join('/');
    set.add(image, { marks, split: splitInPath(name) ?? splitInPath(folder), place });
  }
}

/** Names that a task's image may have, the surer ones first: as it was given, and without what an upload puts before it. */
function namesOf(data: Readonly<Record<string, unknown>>, upload: string | undefined): string[] {
  const values = Object.values(data).filter((value) => typeof value === 'string');
  const paths = values.map((value) => nameKey(pathInUrl(value)));
  const given = [...paths.filter(hasImageEnding), ...(upload === undefined ? [] : [nameKey(upload)])];
  const own = typeof data['image'] === 'string' ? [nameKey(pathInUrl(data['image']))] : [];
  const names = given.length > 0 ? given : own;
  return [
    ...names,
    ...names.flatMap((name) => {
      const base = name.split('/').at(-1) ?? '';
      return UPLOADED.test(base) ? [base.replace(UPLOADED, '')] : [];
    }),
  ];
}
