import { stat } from 'node:fs/promises';
import type { Point, Region } from '@weakspot/core';
import { boxRegion } from '@weakspot/core';
import { z } from 'zod';
import type { IssueList, IssuePlace } from '../issues.js';
import type { PlacedLabel } from '../label-names.js';
import { deniesFinding } from '../label-names.js';
import type { Mark } from './annotated-set.js';
import { maskOfRuns } from './coco-rle.js';
import { FileErrors } from './file-errors.js';
import { readJson } from './json-file.js';
import type { MaskBudget } from './mask-budget.js';

/** Largest file that is read, in bytes: parsed, it takes up to ten times as much memory. */
const MAX_BYTES = 128 * 2 ** 20;
/** Of a polygon: each is looked at for every point that is asked for. */
const MAX_POINTS = 10_000;

// Their items are checked one by one: an odd one must not cost the others.
const fileSchema = z.looseObject(
  {
    images: z.array(z.unknown()),
    annotations: z.array(z.unknown()).default([]),
    categories: z.array(z.unknown()).default([]),
  },
  { error: 'not instances of COCO: an object with "images", "annotations" and "categories"' },
);
/** As text: some tools write the ids of images as numbers and those that refer to them as text. */
const id = z.union([z.number(), z.string()]).transform(String);
const imageSchema = z.looseObject({
  id,
  file_name: z.string().min(1),
  width: z.number().optional(),
  height: z.number().optional(),
});
const categorySchema = z.object({ id, name: z.string().min(1), supercategory: z.string().nullish() });
/** Labels of images are written with an empty box, too. */
const noneIfEmpty = (value: unknown): unknown => (Array.isArray(value) && value.length === 0 ? null : value);
const annotationSchema = z.object({
  image_id: id,
  category_id: id,
  bbox: z.preprocess(noneIfEmpty, z.tuple([z.number(), z.number(), z.number(), z.number()]).nullish()),
  segmentation: z
    .union([
      z.array(z.array(z.number())),
      z.object({ counts: z.union([z.string(), z.array(z.number())]), size: z.tuple([z.number(), z.number()]) }),
    ])
    .nullish(),
});

type Annotation = z.infer<typeof annotationSchema>;
type Id = z.infer<typeof id>;

/** An image as a COCO file lists it. */
export interface CocoImage {
  /** As written. */
  readonly name: string;
  readonly marks: readonly Mark[];
  readonly place: IssuePlace;
}

export interface CocoFile {
  readonly images: readonly CocoImage[];
  /**
   * Whether it only labels images, those without a finding, too: then of an image without an annotation nothing is known.
   */
  readonly isOfLabels: boolean;
  /** Names of its categories, but for those that only stand above others and mark nothing. */
  readonly categories: readonly PlacedLabel[];
}

/**
 * Reads a COCO file of instances (Lin et al., 2014; format at cocodataset.org). Coordinates are pixels from the image's
 * top left corner: a box `[x, y, width, height]` covers `[x, x + width) x [y, y + height)`. Each polygon of a segmentation
 * is a region of its own, a run-length encoding one mask; the box counts where there is neither. Regions of crowds
 * (`iscrowd`) count as any. An annotation with neither box nor segmentation is a label of its image.
 *
 * What is wrong goes to `issues` with its path, such as `annotations[17].bbox`.
 */
export async function readCocoFile(file: string, budget: MaskBudget, issues: IssueList): Promise<CocoFile | undefined> {
  const size = (await stat(file).catch(() => undefined))?.size ?? 0;
  if (size > MAX_BYTES) {
    issues.error(`larger than ${MAX_BYTES} bytes, the largest COCO file that is read: write a file for each part`, {
      file,
    });
    return undefined;
  }
  const parsed = await readJson(file, fileSchema, issues);
  if (parsed === undefined) return undefined;
  const errors = new FileErrors(file, issues);
  const images = byId(checked(parsed.images, imageSchema, 'images', errors), errors);
  const categories = byId(checked(parsed.categories, categorySchema, 'categories', errors), errors);
  const marks = new Map<Id, Mark[]>();
  const used = new Set<Id>();
  let [placed, placeless] = [0, 0];
  const lists = annotationLists(parsed, errors);
  const listed = function* (): Generator<Item<Annotation>> {
    for (const [name, items] of lists) yield* checked(items, annotationSchema, name, errors);
  };
  for (const { value, field } of listed()) {
    const image = images.get(value.image_id)?.value;
    const category = categories.get(value.category_id)?.value;
    if (image === undefined) errors.add(`there is no image ${value.image_id}`, { field: `${field}.image_id` });
    if (category === undefined)
      errors.add(`there is no category ${value.category_id}`, { field: `${field}.category_id` });
    if (image === undefined || category === undefined) continue;
    used.add(value.category_id);
    const { width, height } = image;
    const within =
      width !== undefined && height !== undefined && width > 0 && height > 0 ? { width, height } : undefined;
    const list = marks.get(value.image_id) ?? [];
    marks.set(value.image_id, list);
    const place = { file, field };
    if (isPlaceless(value)) placeless++;
    else placed++;
    const regions = isPlaceless(value) ? [] : regionsOf(value, field, budget, errors);
    // What is wrong about where it is leaves it an annotation of its image.
    for (const region of regions.length > 0 ? regions : [undefined]) {
      list.push({ label: category.name, region, within, place });
    }
  }
  if (placed > 0 && placeless > 0) {
    const message = `${placeless} of ${placed + placeless} annotations have neither a box nor a segmentation: taken as labels of their images`;
    issues.warning('annotations without a place', message, { file });
  }
  for (const [key, { value, field }] of images) {
    const labels = labelsOfImage(value, field, categories, errors);
    if (labels.length > 0)
      marks.set(key, [
        ...(marks.get(key) ?? []),
        ...labels.map(({ label, field: at }): Mark => ({ label, region: undefined, place: { file, field: at } })),
      ]);
    else if (!marks.has(key)) checkNotNamed(value, field, categories, errors);
    placeless += labels.length;
  }
  const denies = [...categories.values()].some(({ value }) => deniesFinding(value.name));
  const above = new Set([...categories.values()].map(({ value }) => value.supercategory));
  return {
    images: [...images].map(([key, { value, field }]) => ({
      name: value.file_name,
      marks: marks.get(key) ?? [],
      place: { file, field },
    })),
    isOfLabels: placed === 0 && placeless > 0 && denies,
    categories: [...categories].flatMap(([key, { value, field }]): PlacedLabel[] =>
      used.has(key) || !above.has(value.name) ? [[value.name, { file, field: `${field}.name` }]] : [],
    ),
  };
}

/** Lists of annotations: `annotations`, and any other whose items say which image they are of, such as `image_labels`. */
function annotationLists(
  parsed: z.infer<typeof fileSchema>,
  errors: FileErrors,
): (readonly [name: string, items: readonly unknown[]])[] {
  const others = Object.entries(parsed).flatMap(([name, items]): (readonly [string, readonly unknown[]])[] => {
    if (['images', 'annotations', 'categories'].includes(name) || !Array.isArray(items)) return [];
    const first: unknown = items.find((item: unknown) => typeof item === 'object' && item !== null);
    if (first === undefined || !('image_id' in (first as object))) return [];
    if ('category_id' in (first as object)) return [[name, items]];
    errors.add('its items are of images, and have no category_id', { field: name });
    return [];
  });
  return [['annotations', parsed.annotations], ...others];
}

/** Keys under which programs write labels of an image beside COCO's own. */
const IMAGE_LABELS =
  /^(labels?|class(es)?|class_?(name|id)s?|categor(y|ies)|category_?(name|id)s?|tags?|image_?(labels?|class(es)?)|classifications?|diagnosis|findings?)$/i;

/** The labels in an image's own item: ids or names of categories, one or a list; what is neither is an error. */
function labelsOfImage(
  image: Readonly<Record<string, unknown>>,
  field: string,
  categories: ReadonlyMap<Id, Item<{ readonly name: string }>>,
  errors: FileErrors,
): { readonly label: string; readonly field: string }[] {
  const names = new Set([...categories.values()].map(({ value }) => value.name));
  return Object.entries(image).flatMap(([key, written]) => {
    if (!IMAGE_LABELS.test(key) || written === null || written === undefined || written === '') return [];
    const at = `${field}.${key}`;
    return (Array.isArray(written) ? written : [written]).flatMap((item: unknown) => {
      const named =
        typeof item === 'object' && item !== null
          ? ((item as Record<string, unknown>)['category_id'] ??
            (item as Record<string, unknown>)['id'] ??
            (item as Record<string, unknown>)['name'])
          : item;
      const text = typeof named === 'number' || typeof named === 'string' ? String(named) : undefined;
      const label = text === undefined ? undefined : names.has(text) ? text : categories.get(text)?.value.name;
      if (label !== undefined) return [{ label, field: at }];
      if (text !== undefined && categories.size === 0 && Number.isNaN(Number(text)))
        return [{ label: text, field: at }];
      errors.add(`${JSON.stringify(item)?.slice(0, 100)} is not one of the categories`, { field: at });
      return [];
    });
  });
}

/** Keys of an image's item that say nothing of what it shows. */
const IMAGE_FACTS = /^(id|file_?name|name|path|width|height|licen[cs]e|.*url|date_?captured|date|.*_id)$/i;

/** An image without an annotation that names a category all the same, in a field that isn't known, must not become a negative. */
function checkNotNamed(
  image: Readonly<Record<string, unknown>>,
  field: string,
  categories: ReadonlyMap<Id, Item<{ readonly name: string }>>,
  errors: FileErrors,
): void {
  const names = new Set([...categories.values()].map(({ value }) => value.name).filter((name) => !deniesFinding(name)));
  for (const [key, value] of Object.entries(image)) {
    if (IMAGE_FACTS.test(key) || IMAGE_LABELS.test(key)) continue;
    const named = categoryNamedIn(key, value, names);
    if (named === undefined) continue;
    const message =
      `the image has no annotation, and this names the category ${JSON.stringify(named)}: make it an annotation ` +
      'without a box, or call the field "labels"';
    errors.add(message, { field: `${field}.${key}` });
  }
}

/** The category that a field of an image names, however deep: as a value, or as a key that is ticked. */
function categoryNamedIn(key: string, value: unknown, names: ReadonlySet<string>): string | undefined {
  if (typeof value === 'string' && names.has(value.trim())) return value.trim();
  if (names.has(key) && isTicked(value)) return key;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [inner, written] of Object.entries(value)) {
    const named = categoryNamedIn(inner, written, names);
    if (named !== undefined) return named;
  }
  return undefined;
}

function isTicked(value: unknown): boolean {
  return value === true || value === 1 || (typeof value === 'string' && /^(yes|true|1|present|positive)$/i.test(value));
}

interface Item<T> {
  readonly value: T;
  /** Where it stands: `images[3]`. */
  readonly field: string;
}

function* checked<T>(
  items: readonly unknown[],
  schema: z.ZodType<T>,
  name: string,
  errors: FileErrors,
): Generator<Item<T>> {
  for (const [i, item] of items.entries()) {
    if (errors.isFull) return;
    const field = `${name}[${i}]`;
    const parsed = schema.safeParse(item);
    if (parsed.success) {
      yield { value: parsed.data, field };
      continue;
    }
    const [first] = parsed.error.issues;
    const path = (first?.path ?? []).map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
    errors.add(first?.message ?? 'not as expected', { field: field + path.join('') });
  }
}

function byId<T extends { readonly id: Id }>(items: Iterable<Item<T>>, errors: FileErrors): Map<Id, Item<T>> {
  const found = new Map<Id, Item<T>>();
  for (const item of items) {
    const before = found.get(item.value.id);
    if (before === undefined) found.set(item.value.id, item);
    else errors.add(`id ${item.value.id} is also that of ${before.field}`, { field: `${item.field}.id` });
  }
  return found;
}

/** Whether it says what there is and not where. */
function isPlaceless({ bbox, segmentation }: Annotation): boolean {
  const isEmpty = Array.isArray(segmentation) && segmentation.length === 0;
  const none = bbox === undefined || bbox === null;
  return none && (segmentation === undefined || segmentation === null || isEmpty);
}

/** None, with an error, where the region is wrong. */
function regionsOf(
  { bbox, segmentation }: Annotation,
  field: string,
  budget: MaskBudget,
  errors: FileErrors,
): Region[] {
  const fail = (message: string, key: string): Region[] => {
    errors.add(message, { field: `${field}.${key}` });
    return [];
  };
  if (Array.isArray(segmentation) && segmentation.length > 0) {
    return segmentation.flatMap((numbers, i): Region[] => {
      const region = polygonOf(numbers);
      return typeof region === 'string' ? fail(region, `segmentation[${i}]`) : [region];
    });
  }
  if (segmentation !== undefined && segmentation !== null && !Array.isArray(segmentation)) {
    const region = maskOfRuns(segmentation.counts, segmentation.size, budget);
    if (region !== undefined) return typeof region === 'string' ? fail(region, 'segmentation') : [region];
  }
  if (bbox === undefined || bbox === null) return fail('its segmentation is empty, and it has no box', 'bbox');
  const [x, y, width, height] = bbox;
  if (!(width > 0 && height > 0)) return fail(`the box is ${width} wide and ${height} high`, 'bbox');
  return [boxRegion(x, y, x + width, y + height)];
}

/** The polygon of `x, y, x, y...`, or what is wrong with it. */
export function polygonOf(numbers: readonly number[]): Region | string {
  const count = numbers.length / 2;
  if (!Number.isInteger(count) || count < 3)
    return `a polygon has ${numbers.length} numbers; it needs two for each of three points`;
  if (count > MAX_POINTS) return `a polygon has ${count} points; ${MAX_POINTS} are read`;
  const points = Array.from({ length: count }, (_, i): Point => ({
    x: numbers[2 * i] as number,
    y: numbers[2 * i + 1] as number,
  }));
  return { kind: 'polygon', points };
}
