import { join } from 'node:path';
import type { Point, Region } from '@weakspot/core';
import { boxRegion } from '@weakspot/core';
import { z } from 'zod';
import { hasImageEnding } from '../files.js';
import type { IssueList } from '../issues.js';
import type { Mark } from './annotated-set.js';
import { openAnnotatedSet } from './annotated-set.js';
import { polygonOf } from './coco-file.js';
import { stemOf } from './found-images.js';
import { readJson } from './json-file.js';
import { mapReporting } from './map-reporting.js';
import { splitInPath } from './path-split.js';
import { textEnds } from './peek.js';
import type { DatasetReader, FolderListing } from './reader.js';
import { sizeOf } from './xml-numbers.js';

/** Annotation files read at once. */
const CONCURRENCY = 8;
const LOOKED_AT = 20;
/** What is looked at of a file's beginning and of its end. */
const ENDS = 65536;

const shape = z.looseObject({
  label: z.string().min(1),
  points: z.array(z.tuple([z.number(), z.number()])),
  shape_type: z.string().nullish(),
});
type Shape = z.infer<typeof shape>;
const schema = z.looseObject(
  {
    shapes: z.array(shape),
    flags: z.record(z.string(), z.unknown()).nullish(),
    imagePath: z.string(),
    imageWidth: z.number().nullish(),
    imageHeight: z.number().nullish(),
  },
  { error: 'not an annotation of LabelMe' },
);
type Annotation = z.infer<typeof schema>;

/**
 * LabelMe (wkentaro): a JSON file for each image. Rectangles, circles and polygons are regions; points, lines and masks count
 * for the label only; a flag that is set is a label of the whole image. An image without any is a negative; one without a
 * JSON file is left out; where most have none it is another kind of set. LabelMe shows images by their EXIF orientation, and so
 * its shapes are in pixels of the image as shown, unless the size that is written says that another program made them on the stored one.
 */
export const labelme: DatasetReader<'labelme'> = {
  format: 'labelme',
  title: 'LabelMe',

  recognises: async (listing) => {
    // Class folders may have some beside their images.
    const images = listing.files.filter(hasImageEnding).length;
    if (listing.start === undefined && jsonFiles(listing).length < images / 2) return false;
    for (const name of jsonFiles(listing).slice(0, LOOKED_AT)) {
      if (await isLabelMe(join(listing.root, name))) return true;
    }
    return false;
  },

  async read(listing, options, issues) {
    const set = await openAnnotatedSet(listing, options, issues);
    const names = jsonFiles(listing);
    const read = async (name: string, own: IssueList): Promise<Annotation | undefined> => {
      const path = join(listing.root, name);
      return listing.start !== undefined || (await isLabelMe(path)) ? readJson(path, schema, own) : undefined;
    };
    const found = await mapReporting(names, CONCURRENCY, issues, read, options.signal);
    names.forEach((name, i) => {
      const annotation = found[i];
      if (annotation === undefined) return;
      const file = join(listing.root, name);
      const image = set.find([annotation.imagePath, stemOf(name)], { file });
      if (image === undefined) return;
      const split = splitInPath(image.name.split('/').slice(0, -1).join('/'));
      set.add(image, { marks: marksOf(annotation, image.name, file, issues), split, place: { file } });
    });
    return set.result();
  },
};

function jsonFiles({ files, start }: FolderListing): readonly string[] {
  return (start === undefined ? files : [start]).filter((name) => /\.json$/i.test(name));
}

async function isLabelMe(path: string): Promise<boolean> {
  const text = await textEnds(path, ENDS);
  return ['shapes', 'imagePath'].every((key) => new RegExp(`"${key}"\\s*:`).test(text));
}

function marksOf(
  { shapes, flags, imageWidth, imageHeight }: Annotation,
  name: string,
  file: string,
  issues: IssueList,
): Mark[] {
  const within = sizeOf(imageWidth ?? 0, imageHeight ?? 0);
  const marks = shapes.map((drawn, i): Mark => {
    const place = { file, field: `shapes[${i}]` };
    const region = regionOf(drawn);
    if (typeof region !== 'string') return { label: drawn.label, region, within, asShown: true, place };
    issues.warning('marks without a region', `"${name}" has ${region}: it has no region`, place);
    return { label: drawn.label, region: undefined, place };
  });
  const set = Object.entries(flags ?? {}).filter(([, value]) => value === true);
  return [
    ...marks,
    ...set.map(([label]): Mark => ({ label, region: undefined, place: { file, field: `flags.${label}` } })),
  ];
}

/** In words why there is none. */
function regionOf({ points, shape_type: type }: Shape): Region | string {
  const [a, b] = points.map(([x, y]): Point => ({ x, y }));
  switch (type ?? 'polygon') {
    case 'rectangle': {
      if (a === undefined || b === undefined || a.x === b.x || a.y === b.y) return 'a rectangle without area';
      return boxRegion(Math.min(a.x, b.x), Math.min(a.y, b.y), Math.max(a.x, b.x), Math.max(a.y, b.y));
    }
    case 'circle': {
      // Its centre and a point on it.
      const radius = a === undefined || b === undefined ? 0 : Math.hypot(b.x - a.x, b.y - a.y);
      return a === undefined || radius === 0 ? 'a circle without area' : { kind: 'circle', ...a, radius };
    }
    case 'polygon':
      return polygonOf(points.flat());
    default:
      return `a shape of type "${type}", which gives no region`;
  }
}
