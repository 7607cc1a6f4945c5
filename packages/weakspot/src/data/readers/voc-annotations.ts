import type { BoxRegion } from '@weakspot/core';
import type { ImageSize } from '../image.js';
import type { IssueList, IssuePlace } from '../issues.js';
import type { Mark } from './annotated-set.js';
import { FileErrors } from './file-errors.js';
import type { XmlElement } from './xml-file.js';
import { readXml } from './xml-file.js';
import { boxBetween, numberOf, sizeOf } from './xml-numbers.js';

/** An image as a Pascal VOC file describes it. */
export interface VocAnnotation {
  /** As written, with or without its ending and folder. */
  readonly filename: string | undefined;
  readonly marks: readonly Mark[];
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
    const marks = element.all('object').flatMap((object) => markOf(object, within, isOriginal, file, errors));
    return { filename: element.textOf('filename'), marks, place: { file, line: element.line } };
  });
}

const ORIGINAL = /^(the )?(pascal )?voc ?20\d\d\b/i;

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
  const region = boxOf(object, isOriginal ? 1 : 0, errors);
  return label === undefined ? [] : [{ label, region, within, place: { file, line } }];
}

function boxOf(object: XmlElement, origin: 0 | 1, errors: FileErrors): BoxRegion | undefined {
  const box = object.first('bndbox');
  const [xmin, ymin, xmax, ymax] = (['xmin', 'ymin', 'xmax', 'ymax'] as const).map((edge) =>
    numberOf(box?.textOf(edge)),
  );
  const edges = [(xmin ?? NaN) - origin, (ymin ?? NaN) - origin, xmax ?? NaN, ymax ?? NaN] as const;
  return boxBetween(edges, { line: box?.line ?? object.line, field: 'bndbox' }, errors);
}
