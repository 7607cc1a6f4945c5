import type { Point, Region } from '@weakspot/core';
import { deniesFinding } from '../label-names.js';
import { polygonOf } from './coco-file.js';
import type { FileErrors } from './file-errors.js';
import type { MaskBudget } from './mask-budget.js';
import type { XmlElement } from './xml-file.js';
import { boxBetween, numberOf } from './xml-numbers.js';

/** Corners of the polygon that stands for an ellipse. */
const CORNERS = 64;

/** A shape on an image of CVAT, or a tag of the image. */
export interface MarkedShape {
  readonly label: string;
  /** Undefined of a tag, and of what has no area. */
  readonly region: Region | undefined;
  readonly line: number;
}

/** The shapes and tags of an `<image>`; one that is wrong, or of a kind that is not known, is an error and left out. */
export function markedShapes(image: XmlElement, budget: MaskBudget, errors: FileErrors): MarkedShape[] {
  for (const name of image.names) {
    if (Object.hasOwn(SHAPES, name) || name === 'attribute') continue;
    errors.add(`<${name}> is not a known annotation`, {
      line: image.first(name)?.line ?? image.line,
      field: name,
    });
  }
  return Object.entries(SHAPES).flatMap(([tag, read]) =>
    image.all(tag).flatMap((shape): MarkedShape[] => {
      if (errors.isFull) return [];
      const label = shape.attribute('label');
      if (label === undefined || label.trim() === '') {
        errors.add(`the <${tag}> has no label`, { line: shape.line, field: 'label' });
        return [];
      }
      if (tag === 'tag') checkAttributes(shape, label, errors);
      const region = read?.(shape, errors, budget);
      if (read !== undefined && region === undefined) return [];
      return [{ label: label.trim(), region, line: shape.line }];
    }),
  );
}

/** A tag such as `diagnosis` may have the class in an attribute, `normal`: its label alone would say the contrary. */
function checkAttributes(tag: XmlElement, label: string, errors: FileErrors): void {
  for (const attribute of tag.all('attribute')) {
    if (/^(true|false|yes|no|0|)$/i.test(attribute.text) || !deniesFinding(attribute.text)) continue;
    const name = attribute.attribute('name') ?? '';
    const message =
      `the tag "${label}" has "${attribute.text}" in its attribute "${name}"; attributes are not read: ` +
      `make "${attribute.text}" a label of its own`;
    errors.add(message, { line: tag.line, field: 'attribute' });
  }
}

type ShapeReader = (shape: XmlElement, errors: FileErrors, budget: MaskBudget) => Region | undefined;

const SHAPES: Readonly<Record<string, ShapeReader | undefined>> = {
  box: readBox,
  polygon: readPolygon,
  ellipse: readEllipse,
  mask: readMask,
  tag: undefined,
  polyline: undefined,
  points: undefined,
  skeleton: undefined,
  cuboid: undefined,
};

function numbersOf(shape: XmlElement, a: string, b: string, c: string, d: string): [number, number, number, number] {
  const read = (name: string): number => numberOf(shape.attribute(name));
  return [read(a), read(b), read(c), read(d)];
}

function readBox(shape: XmlElement, errors: FileErrors): Region | undefined {
  const edges = numbersOf(shape, 'xtl', 'ytl', 'xbr', 'ybr');
  const box = boxBetween(edges, { line: shape.line, field: 'box' }, errors);
  if (box === undefined || rotationOf(shape) === 0) return box;
  const { x0, y0, x1, y1 } = box;
  const corners = [
    { x: x0, y: y0 },
    { x: x1, y: y0 },
    { x: x1, y: y1 },
    { x: x0, y: y1 },
  ];
  return rotated(corners, { x: (x0 + x1) / 2, y: (y0 + y1) / 2 }, rotationOf(shape));
}

/** `points="x,y;x,y;..."` */
function readPolygon(shape: XmlElement, errors: FileErrors): Region | undefined {
  const numbers = (shape.attribute('points') ?? '').split(/[;,]/).map(numberOf);
  const region = numbers.some(Number.isNaN) ? 'the polygon has a point that is not a number' : polygonOf(numbers);
  if (typeof region !== 'string') return region;
  errors.add(region, { line: shape.line, field: 'points' });
  return undefined;
}

function readEllipse(shape: XmlElement, errors: FileErrors): Region | undefined {
  const [cx, cy, rx, ry] = numbersOf(shape, 'cx', 'cy', 'rx', 'ry');
  if (!(rx > 0 && ry > 0) || Number.isNaN(cx + cy)) {
    errors.add('the ellipse has no area', { line: shape.line, field: 'ellipse' });
    return undefined;
  }
  const points = Array.from({ length: CORNERS }, (_, i): Point => {
    const angle = (2 * Math.PI * i) / CORNERS;
    return { x: cx + rx * Math.cos(angle), y: cy + ry * Math.sin(angle) };
  });
  return rotated(points, { x: cx, y: cy }, rotationOf(shape));
}

/** Runs of pixels that are not set and are set in turn, along the rows of the mask's own box. */
function readMask(shape: XmlElement, errors: FileErrors, budget: MaskBudget): Region | undefined {
  const [x0, y0, width, height] = numbersOf(shape, 'left', 'top', 'width', 'height');
  const runs = (shape.attribute('rle') ?? '').split(',').map(numberOf);
  const total = runs.reduce((sum, run) => sum + (run >= 0 ? run : Number.NaN), 0);
  const isWhole = [x0, y0, width, height].every(Number.isInteger) && runs.every(Number.isInteger);
  const fits = isWhole && width > 0 && height > 0 && total <= width * height;
  const reason = fits ? budget.take(width, height) : "the mask's runs are damaged or longer than its box";
  if (reason !== undefined) {
    errors.add(reason, { line: shape.line, field: 'rle' });
    return undefined;
  }
  const pixels = new Uint8Array(width * height);
  let at = 0;
  for (const [i, run] of runs.entries()) {
    if (i % 2 === 1) pixels.fill(1, at, at + run);
    at += run;
  }
  return { kind: 'mask', x0, y0, width, height, pixels };
}

/** Degrees clockwise; 0 unless given. */
function rotationOf(shape: XmlElement): number {
  return numberOf(shape.attribute('rotation') ?? '0') || 0;
}

function rotated(points: readonly Point[], centre: Point, degrees: number): Region {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return {
    kind: 'polygon',
    points: points.map(({ x, y }) => {
      const [dx, dy] = [x - centre.x, y - centre.y];
      return { x: centre.x + dx * cos - dy * sin, y: centre.y + dx * sin + dy * cos };
    }),
  };
}
