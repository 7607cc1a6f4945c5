import type { Point, Region } from '@weakspot/core';
import { boxRegion } from '@weakspot/core';
import { z } from 'zod';
import type { ImageSize } from '../image.js';
import type { Mark } from './annotated-set.js';
import { polygonOf } from './coco-file.js';
import type { FileErrors } from './file-errors.js';
import { maskOfBrush } from './label-studio-rle.js';
import type { MaskBudget } from './mask-budget.js';
import { sizeOf } from './xml-numbers.js';

/** Corners of the polygon that stands for an ellipse. */
const CORNERS = 64;

const number = z.number();
const result = z.looseObject({
  id: z.string().optional(),
  type: z.string(),
  original_width: number.nullish(),
  original_height: number.nullish(),
  image_rotation: number.nullish(),
  value: z.record(z.string(), z.unknown()).optional(),
});
type Result = z.infer<typeof result>;

/** What has a place, by its type without `labels` at the end; those without a reader count for the label only. */
const PLACED = new Set(['rectangle', 'ellipse', 'polygon', 'brush', 'bitmask', 'keypoint', 'vector']);
/** What says nothing of what an image shows. */
const SAYS_NOTHING = new Set(['relation', 'textarea', 'rating', 'number', 'datetime']);

export interface ReadResults {
  readonly marks: readonly Mark[];
  /** Marks whose region can't be read, in words. */
  readonly unread: readonly string[];
}

/**
 * The marks in the results of one annotation of Label Studio. Those of one region, which share its id, are one mark for each of
 * its labels; a choice or a taxonomy of the whole image is a mark without a region. Coordinates are percentages of
 * the image's width and height. What is of another kind, or wrong, is an error.
 *
 * @param field Of the results, such as `[3].annotations[0].result`.
 */
export function readResults(
  items: readonly unknown[],
  file: string,
  field: string,
  budget: MaskBudget,
  errors: FileErrors,
): ReadResults {
  const groups = new Map<string, { item: Result; field: string }[]>();
  for (const [i, item] of items.entries()) {
    const parsed = result.safeParse(item);
    const at = `${field}[${i}]`;
    if (!parsed.success) {
      // A relation has no type of its own in some versions.
      errors.add(parsed.error.issues[0]?.message ?? 'not as expected', { field: at });
      continue;
    }
    const key = parsed.data.id ?? at;
    groups.set(key, [...(groups.get(key) ?? []), { item: parsed.data, field: at }]);
  }
  const marks: Mark[] = [];
  const unread: string[] = [];
  for (const group of groups.values()) {
    const placed = group.find(({ item }) => PLACED.has(baseOf(item.type)));
    const labels = group.flatMap(({ item, field: at }) => labelsOf(item, at, errors));
    if (placed === undefined) {
      for (const label of labels)
        marks.push({ label, region: undefined, place: { file, field: group[0]?.field } as Mark['place'] });
      continue;
    }
    const within = sizeOf(placed.item.original_width ?? 0, placed.item.original_height ?? 0);
    const region = regionOf(placed.item, within, budget);
    if (typeof region === 'string') unread.push(region);
    for (const label of labels.length > 0 ? labels : [undefined]) {
      const place = { file, field: placed.field };
      marks.push({ label, region: typeof region === 'string' ? undefined : region, within, place });
    }
  }
  return { marks, unread };
}

function baseOf(type: string): string {
  return type.replace(/labels$/, '');
}

function labelsOf({ type, value = {} }: Result, field: string, errors: FileErrors): string[] {
  const written = value[type];
  if (type.endsWith('labels') || type === 'choices') {
    const labels = z.array(z.string()).safeParse(written);
    if (labels.success) return labels.data;
    errors.add('there is no list of labels', { field: `${field}.value.${type}` });
    return [];
  }
  if (type === 'taxonomy') {
    const paths = z.array(z.array(z.string())).safeParse(written);
    if (paths.success) return paths.data.flatMap((path) => path.at(-1) ?? []);
  }
  if (!PLACED.has(type) && !SAYS_NOTHING.has(type)) {
    errors.add(`a result of type "${type}" is not supported`, { field: `${field}.type` });
  }
  return [];
}

/** In pixels of an image of size `within`; in words why there is none. */
function regionOf(item: Result, within: ImageSize | undefined, budget: MaskBudget): Region | string {
  const { type, value = {} } = item;
  if (within === undefined) return 'a mark on an image of unknown size';
  if ((item.image_rotation ?? 0) % 360 !== 0) return 'a mark on an image that was turned in Label Studio';
  const [unitX, unitY] = [within.width / 100, within.height / 100];
  const at = (key: string): number => (typeof value[key] === 'number' ? value[key] : Number.NaN);
  const [x, y] = [at('x') * unitX, at('y') * unitY];
  const angle = ((typeof value['rotation'] === 'number' ? value['rotation'] : 0) * Math.PI) / 180;
  const turned = (u: number, v: number): Point => ({
    x: x + u * Math.cos(angle) - v * Math.sin(angle),
    y: y + u * Math.sin(angle) + v * Math.cos(angle),
  });
  switch (baseOf(type)) {
    case 'rectangle': {
      const [width, height] = [at('width') * unitX, at('height') * unitY];
      if (!(width > 0 && height > 0) || Number.isNaN(x + y)) return 'a rectangle without area';
      if (angle === 0) return boxRegion(x, y, x + width, y + height);
      // Turned around its top left corner.
      return { kind: 'polygon', points: [turned(0, 0), turned(width, 0), turned(width, height), turned(0, height)] };
    }
    case 'ellipse': {
      const [rx, ry] = [at('radiusX') * unitX, at('radiusY') * unitY];
      if (!(rx > 0 && ry > 0) || Number.isNaN(x + y)) return 'an ellipse without area';
      const points = Array.from({ length: CORNERS }, (_, i): Point => {
        const turn = (2 * Math.PI * i) / CORNERS;
        return turned(rx * Math.cos(turn), ry * Math.sin(turn));
      });
      return { kind: 'polygon', points };
    }
    case 'polygon': {
      const points = z.array(z.tuple([number, number])).safeParse(value['points']);
      return points.success
        ? polygonOf(points.data.flatMap(([px, py]) => [px * unitX, py * unitY]))
        : 'a polygon without points';
    }
    case 'brush': {
      const rle = z.array(z.int().min(0).max(255)).safeParse(value['rle']);
      return rle.success ? maskOfBrush(rle.data, within.width, within.height, budget) : 'a brush without runs';
    }
    default:
      return `a ${baseOf(type)}, which gives no region`;
  }
}
