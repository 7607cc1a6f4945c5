import type { Point, Region } from '@weakspot/core';
import { boxRegion } from '@weakspot/core';
import { z } from 'zod';
import type { IssueList } from '../issues.js';
import { polygonOf } from './coco-file.js';
import { readJson } from './json-file.js';

const number = z.number();
const shape = z.discriminatedUnion('name', [
  z.object({ name: z.enum(['polygon', 'polyline']), all_points_x: z.array(number), all_points_y: z.array(number) }),
  z.object({ name: z.literal('rect'), x: number, y: number, width: number, height: number }),
  z.object({ name: z.literal('circle'), cx: number, cy: number, r: number }),
  z.object({ name: z.literal('ellipse'), cx: number, cy: number, rx: number, ry: number, theta: number.optional() }),
  z.object({ name: z.literal('point'), cx: number, cy: number }),
]);
const region = z.object({
  // Checked one by one: an odd mark must not cost the others.
  shape_attributes: z.unknown(),
  region_attributes: z.record(z.string(), z.unknown()).optional(),
});
const entry = z.object({
  filename: z.string(),
  // In VIA 1 an object by number, later a list.
  regions: z.union([z.array(region), z.record(z.string(), region).transform((regions) => Object.values(regions))]),
  file_attributes: z.record(z.string(), z.unknown()).optional(),
});
const entries = z.record(z.string(), entry).transform((all) => Object.values(all));
const project = z.object({ _via_img_metadata: entries }).transform((all) => all['_via_img_metadata']);
const schema = z.union([entry.transform((one) => [one]), project, entries], {
  error: 'not annotations of the VGG Image Annotator (VIA)',
});

type Shape = z.infer<typeof shape>;

/** Corners of the polygon that stands for an ellipse. */
const CORNERS = 64;

/** An image as VIA has it; no marks: nothing is drawn on it. */
export interface ViaImage {
  readonly filename: string;
  readonly marks: readonly ViaMark[];
  /** What is said of the image as a whole. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface ViaMark {
  /** Undefined of a mark without an area, such as a point. */
  readonly region: Region | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/**
 * Reads annotations as the VGG Image Annotator (VIA) saves them in JSON: a project, its annotations, or one image's entry.
 * Shapes are in pixels of the original image. What has no area, such as a point, is a mark
 * without a region, with a warning.
 *
 * @param wants Whether an image, by its file name, is asked for; others are left out without a word.
 */
export async function readVia(
  file: string,
  wants: (filename: string) => boolean,
  issues: IssueList,
): Promise<ViaImage[]> {
  const images = (await readJson(file, schema, issues)) ?? [];
  return images
    .filter(({ filename }) => wants(filename))
    .map(({ filename, regions, file_attributes: own = {} }): ViaImage => {
      const marks = regions.flatMap(({ shape_attributes: written, region_attributes: attributes = {} }): ViaMark[] => {
        const drawn = shape.safeParse(written);
        const found = drawn.success ? toRegion(drawn.data) : undefined;
        if (found !== undefined) return [{ region: found, attributes }];
        const what = drawn.success
          ? `a ${drawn.data.name} has no area or too many points`
          : 'a shape is not one of VIA';
        issues.warning('marks without a region', `${what} on "${filename}": it has no region`, { file });
        return [{ region: undefined, attributes }];
      });
      return { filename, marks, attributes: own };
    });
}

function toRegion(drawn: Shape): Region | undefined {
  switch (drawn.name) {
    case 'rect': {
      const { x, y, width, height } = drawn;
      return width > 0 && height > 0 ? boxRegion(x, y, x + width, y + height) : undefined;
    }
    case 'circle':
      return drawn.r > 0 ? { kind: 'circle', x: drawn.cx, y: drawn.cy, radius: drawn.r } : undefined;
    case 'ellipse':
      return drawn.rx > 0 && drawn.ry > 0 ? { kind: 'polygon', points: ellipsePoints(drawn) } : undefined;
    case 'point':
      return undefined;
    case 'polygon':
    case 'polyline': {
      const { all_points_x: xs, all_points_y: ys } = drawn;
      const polygon = polygonOf(xs.slice(0, ys.length).flatMap((x, i) => [x, ys[i] as number]));
      return typeof polygon === 'string' ? undefined : polygon;
    }
  }
}

/** `theta` turns the first axis from x towards y, in radians. */
function ellipsePoints({ cx, cy, rx, ry, theta = 0 }: Extract<Shape, { name: 'ellipse' }>): Point[] {
  const [cos, sin] = [Math.cos(theta), Math.sin(theta)];
  return Array.from({ length: CORNERS }, (_, i): Point => {
    const [u, v] = [rx * Math.cos((2 * Math.PI * i) / CORNERS), ry * Math.sin((2 * Math.PI * i) / CORNERS)];
    return { x: cx + u * cos - v * sin, y: cy + u * sin + v * cos };
  });
}
