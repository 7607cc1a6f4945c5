import type { BoxRegion, Region } from '@weakspot/core';
import type { ImageSize } from '../image.js';
import type { IssueList, IssuePlace } from '../issues.js';
import type { PlacedLabel } from '../label-names.js';
import type { Mark } from './annotated-set.js';
import { polygonOf } from './coco-file.js';
import { FileErrors } from './file-errors.js';
import type { XmlElement } from './xml-file.js';
import { readXml } from './xml-file.js';
import { boxBetween, numberOf, sizeOf } from './xml-numbers.js';

/** An image as a Pascal VOC file describes it. */
export interface VocAnnotation {
  /** As written, with or without its ending and folder. */
  readonly filename: string | undefined;
  readonly marks: readonly Mark[];
  /** Of one without marks: all that is said in elements that are not known, each with where it stands. */
  readonly unknown: readonly PlacedLabel[];
  readonly place: IssuePlace;
}

/**
 * Reads a Pascal VOC file (Everingham et al., 2010; the development kit's section on annotations): one `<annotation>`, or
 * many inside another element.
 *
 * The files of the challenges count pixels from 1 and name the last pixel inside: there a box covers
 * `[xmin - 1, xmax) x [ymin - 1, ymax)`. They say so in `<source>`. What other programs write are edges counted from 0,
 * `[xmin, xmax) x [ymin, ymax)`.
 */
export async function readVocAnnotations(file: string, issues: IssueList): Promise<VocAnnotation[]> {
  const document = await readXml(file, issues);
  if (document === undefined) return [];
  const single = document.all('annotation');
  const found = single.length > 0 ? single : annotationsInside(document);
  if (found.length === 0) issues.error('not Pascal VOC: it has no <annotation>', { file });
  const errors = new FileErrors(file, issues);
  return found.map((element) => {
    const size = element.first('size');
    const within = sizeOf(numberOf(size?.textOf('width')), numberOf(size?.textOf('height')));
    const isOriginal = ['database', 'annotation'].some((key) =>
      ORIGINAL.test(element.first('source')?.textOf(key) ?? ''),
    );
    const refused = checkKnown(element, errors);
    const objects = element.all('object').filter((object) => object.textOf('deleted') !== '1');
    const marks = objects.flatMap((object) => markOf(object, within, isOriginal, file, errors));
    const whole = WHOLE.flatMap((name) => element.all(name)).flatMap((label): Mark[] => {
      const text = label.text === '' ? label.textOf('name') : label.text;
      return text === undefined ? [] : [{ label: text, region: undefined, place: { file, line: label.line } }];
    });
    if (marks.length + whole.length === 0 && element.textOf('segmented') === '1') {
      errors.add('it is segmented and has no object', { line: element.line, field: 'segmented' });
    }
    const all = [...marks, ...whole];
    return {
      filename: element.textOf('filename'),
      marks: all,
      unknown: all.length > 0 || objects.length < element.all('object').length ? [] : textsIn(element, refused, file),
      place: { file, line: element.line },
    };
  });
}

const ORIGINAL = /^(the )?(pascal )?voc ?20\d\d\b/i;

/** Elements that label the image as a whole; they are no part of Pascal VOC, but of what some programs write. */
const WHOLE = [
  'class',
  'label',
  'category',
  'classification',
  'tag',
  'image_label',
  'image_class',
  'diagnosis',
  'finding',
];
/** Inside an element of another name they show that it holds annotations. */
const SIGNS = ['object', 'bndbox', 'robndbox', 'polygon', 'bbox', 'mask', ...WHOLE];

/** Refuses elements that seem to hold annotations and are not known, without which the image would be a negative; their names. */
function checkKnown(element: XmlElement, errors: FileErrors): ReadonlySet<string> {
  const refused = new Set<string>();
  for (const name of element.names) {
    if (name === 'object' || name === 'source' || name === 'size' || name === 'owner') continue;
    const [first] = element.all(name);
    const holds = SIGNS.includes(name) && !WHOLE.includes(name);
    const sign = holds || element.all(name).some((inner) => inner.names.some((other) => SIGNS.includes(other)));
    if (!sign) continue;
    refused.add(name);
    errors.add(`<${name}> is not a known annotation`, { line: first?.line ?? element.line, field: name });
  }
  return refused;
}

/** Elements that say nothing of what the image shows. */
const FACTS = new Set(['filename', 'folder', 'path', 'source', 'owner', 'size', 'segmented', 'object', ...WHOLE]);

function textsIn(element: XmlElement, refused: ReadonlySet<string>, file: string): PlacedLabel[] {
  return element.names
    .filter((name) => !FACTS.has(name) && !refused.has(name))
    .flatMap((name) => element.all(name).flatMap((inner) => textsOf(inner, name, file)));
}

/** The text of an element and of all inside it; of what says yes its name, `<name>` where it has one beside its `<value>`. */
function textsOf(element: XmlElement, name: string, file: string): PlacedLabel[] {
  const [key, value] = [element.textOf('name'), element.textOf('value')];
  if (key !== undefined && value !== undefined) return textIn(value, key, { file, line: element.line, field: name });
  return [
    ...textIn(element.text, name, { file, line: element.line, field: name }),
    ...element.names.flatMap((inner) => element.all(inner).flatMap((child) => textsOf(child, inner, file))),
  ];
}

function textIn(text: string, name: string, place: IssuePlace): PlacedLabel[] {
  if (text === '') return [];
  return [[/^(yes|true|1|present|positive)$/i.test(text) ? name : text, place]];
}

function annotationsInside(document: XmlElement): readonly XmlElement[] {
  return ['annotations', 'dataset', 'data', 'root'].flatMap((name) => document.first(name)?.all('annotation') ?? []);
}

function markOf(
  object: XmlElement,
  within: ImageSize | undefined,
  isOriginal: boolean,
  file: string,
  errors: FileErrors,
): Mark[] {
  if (errors.isFull) return [];
  const { line } = object;
  const label = object.textOf('name');
  if (label === undefined) errors.add('the object has no name', { line, field: 'name' });
  // What marks nothing says all the same that it is there.
  const hasPlace = ['bndbox', 'robndbox', 'polygon'].some((name) => object.first(name) !== undefined);
  const region = hasPlace ? regionOf(object, isOriginal ? 1 : 0, errors) : undefined;
  return label === undefined ? [] : [{ label, region, within, place: { file, line } }];
}

/** Its box; else its turned box, as of roLabelImg; else its polygon, as of LabelMe's XML and Roboflow. */
function regionOf(object: XmlElement, origin: 0 | 1, errors: FileErrors): Region | undefined {
  if (object.first('bndbox') !== undefined) return boxOf(object, origin, errors);
  const turned = object.first('robndbox');
  const polygon = object.first('polygon');
  const points = turned === undefined ? polygonPoints(polygon) : turnedCorners(turned);
  const region = points.some(Number.isNaN) ? 'it has a point that is not a number' : polygonOf(points);
  if (typeof region !== 'string') return region;
  const element = turned ?? polygon ?? object;
  errors.add(region, { line: element.line, field: turned === undefined ? 'polygon' : 'robndbox' });
  return undefined;
}

/** `<pt><x/><y/></pt>...`, or `<x1/><y1/><x2/><y2/>...`. */
function polygonPoints(polygon: XmlElement | undefined): number[] {
  const points = (polygon?.all('pt') ?? []).flatMap((point) => [
    numberOf(point.textOf('x')),
    numberOf(point.textOf('y')),
  ]);
  if (points.length > 0) return points;
  const count = (polygon?.names ?? []).filter((name) => /^x\d+$/.test(name)).length;
  return Array.from({ length: count }, (_, i) => i + 1).flatMap((i) => [
    numberOf(polygon?.textOf(`x${i}`)),
    numberOf(polygon?.textOf(`y${i}`)),
  ]);
}

/** Around its centre, by an angle in radians, clockwise as the image is seen. */
function turnedCorners(box: XmlElement): number[] {
  const [cx, cy, width, height, angle] = (['cx', 'cy', 'w', 'h', 'angle'] as const).map((name) =>
    numberOf(box.textOf(name)),
  );
  const [cos, sin] = [Math.cos(angle ?? Number.NaN), Math.sin(angle ?? Number.NaN)];
  return [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ].flatMap(([u = 0, v = 0]) => {
    const [dx, dy] = [(u * (width ?? Number.NaN)) / 2, (v * (height ?? Number.NaN)) / 2];
    return [(cx ?? Number.NaN) + dx * cos - dy * sin, (cy ?? Number.NaN) + dx * sin + dy * cos];
  });
}

function boxOf(object: XmlElement, origin: 0 | 1, errors: FileErrors): BoxRegion | undefined {
  const box = object.first('bndbox');
  const [xmin, ymin, xmax, ymax] = (['xmin', 'ymin', 'xmax', 'ymax'] as const).map((edge) =>
    numberOf(box?.textOf(edge)),
  );
  const edges = [(xmin ?? NaN) - origin, (ymin ?? NaN) - origin, xmax ?? NaN, ymax ?? NaN] as const;
  return boxBetween(edges, { line: box?.line ?? object.line, field: 'bndbox' }, errors);
}
