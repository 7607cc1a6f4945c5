import { dirname } from 'node:path/posix';
import { relative } from 'node:path';
import type { Region } from '@weakspot/core';
import type { LabelledFile, Split } from '../dataset.js';
import type { RegionRow } from '../ground-truth.js';
import type { ImageSize } from '../image.js';
import type { IssueList, IssuePlace } from '../issues.js';
import type { PlacedLabel } from '../label-names.js';
import { checkAlike, deniesFinding } from '../label-names.js';
import { spelled } from '../names.js';
import { chooseFinding } from './findings.js';
import type { FindingChoice } from './findings.js';
import { findImages, withoutLoneTraining } from './found-images.js';
import type { FoundImage } from './found-images.js';
import { areOneName, ImageIndex, isAmongOverlays } from './image-index.js';
import type { FolderListing, FoundDataset, ReaderOptions } from './reader.js';

/** Something marked on an image. */
export interface Mark {
  /** Its category; undefined where the format has none. */
  readonly label: string | undefined;
  /** Undefined where the annotation says that it is there and not where. */
  readonly region: Region | undefined;
  /** As in `RegionRow`. */
  readonly within?: ImageSize | undefined;
  /** As in `RegionRow`. */
  readonly asShown?: boolean;
  readonly place: IssuePlace;
}

/** What is known of an annotated image; no marks: a negative. */
export interface Annotation {
  readonly marks: readonly Mark[];
  readonly split?: Split | undefined;
  readonly patient?: string | undefined;
  readonly view?: string | undefined;
  readonly frame?: number | undefined;
  readonly place: IssuePlace;
}

/** Opens a set in an annotation format: its images are found, its annotations are added afterwards. */
export async function openAnnotatedSet(
  listing: FolderListing,
  options: ReaderOptions,
  issues: IssueList,
): Promise<AnnotatedSet> {
  const images = await findImages(listing, options.images, { idOf: (name) => name, byContent: true }, issues);
  return new AnnotatedSet(listing.root, [...images.values()], options.positive, issues);
}

/** Collects annotations of images, by image, and makes labels of them: an image is what is marked on it. */
export class AnnotatedSet {
  readonly images: readonly FoundImage[];
  readonly #root: string;
  readonly #index: ImageIndex;
  readonly #positive: string | undefined;
  readonly #issues: IssueList;
  readonly #entries = new Map<string, { image: FoundImage; annotations: Annotation[] }>();
  #missing: string | undefined;
  #missingCount = 0;

  constructor(root: string, images: readonly FoundImage[], positive: string | undefined, issues: IssueList) {
    this.#root = root;
    this.images = images;
    this.#index = new ImageIndex(images);
    this.#positive = positive;
    this.#issues = issues;
  }

  /**
   * The image of the first of these names that is there; else undefined, with a warning. Where several files differ only in
   * how their one name is written, that is an error.
   */
  find(names: readonly string[], place: IssuePlace): FoundImage | undefined {
    const folder = place.file === undefined ? '' : dirname(relative(this.#root, place.file).replaceAll('\\', '/'));
    let several: readonly FoundImage[] = [];
    for (const name of names) {
      const found = this.#index.find(name, folder === '.' ? '' : folder);
      if (found.length === 1) return found[0];
      if (found.length > 1 && several.length === 0) several = found;
    }
    this.#missing ??= names[0];
    this.#missingCount++;
    const [first, second] = several;
    if (first !== undefined && second !== undefined && areOneName(several)) {
      const both = `${spelled(first.name)} or ${spelled(second.name)}`;
      const message = `image "${names[0]}" could be ${both}, one name in two encodings: remove one of the files`;
      this.#issues.error(message, place);
      return undefined;
    }
    const message =
      first === undefined || second === undefined
        ? `image "${names[0]}" is missing: left out`
        : `image "${names[0]}" could be "${first.name}" or "${second.name}": left out`;
    this.#issues.warning('annotated images that are missing', message, place);
    return undefined;
  }

  /** Adds what is known of an image; what is known of it already stays. */
  add(image: FoundImage, annotation: Annotation): void {
    const entry = this.#entries.get(image.name) ?? { image, annotations: [] };
    const other = firstOf(entry.annotations, 'split');
    if (other !== undefined && annotation.split !== undefined && annotation.split !== other) {
      this.#issues.error(
        `image "${image.name}" is in ${annotation.split} here and in ${other} elsewhere`,
        annotation.place,
      );
      return;
    }
    entry.annotations.push(annotation);
    this.#entries.set(image.name, entry);
  }

  has(image: FoundImage): boolean {
    return this.#entries.has(image.name);
  }

  /**
   * The labels and the ground truth. The positive class is the category that the caller names; else the only category
   * there is; else any of them, named `finding`. A mark whose category says that nothing is there (`normal`) is none.
   *
   * @param listed Categories that the format lists, beside those of the marks.
   * @throws WeakspotError `usage` where there is no such category.
   */
  result(listed: readonly PlacedLabel[] = []): FoundDataset {
    const entries = [...this.#entries.values()];
    this.#reportImages(entries.length);
    const used = entries.flatMap(({ annotations }) => annotations.flatMap(({ marks }) => marks.flatMap(placedLabel)));
    checkAlike([...listed, ...used], this.#issues);
    const names = new Set([...listed, ...used].map(([label]) => composed(label)));
    const positive = this.#positive === undefined ? undefined : composed(this.#positive);
    const denied = new Set([...names].filter((name) => name !== positive && deniesFinding(name, names)));
    const found = entries.map(({ image, annotations }) => ({
      image,
      annotations,
      marks: this.#marksOf(image, annotations, denied, denied.size < names.size),
    }));
    const counted = found.flatMap(({ marks }) => marks.flatMap(({ label }) => label ?? []));
    const choice = chooseCategory(positive, new Set([...names].filter((name) => !denied.has(name)).concat(counted)));
    const files = found.map(({ image, annotations, marks }): LabelledFile => {
      const view = firstOf(annotations, 'view');
      const frame = firstOf(annotations, 'frame');
      return {
        name: image.name,
        path: image.path,
        label: choice.labelOf(new Set(marks.map(({ label }) => label ?? ''))),
        patient: firstOf(annotations, 'patient'),
        split: firstOf(annotations, 'split'),
        line: undefined,
        ...(view === undefined ? {} : { view }),
        ...(frame === undefined ? {} : { frame }),
      };
    });
    const truth = found.flatMap(({ image: { name }, marks }) => marks.flatMap((mark) => rowOf(name, mark, choice)));
    return { files: withoutLoneTraining(files), truth, ...(files.length === 0 ? {} : { positive: choice.positive }) };
  }

  /**
   * The marks of an image that say that something is there.
   *
   * @param hasOthers Whether the set has categories that deny nothing. Where it has none, `0` may be the number of one.
   */
  #marksOf(
    { name }: FoundImage,
    annotations: readonly Annotation[],
    denied: ReadonlySet<string>,
    hasOthers: boolean,
  ): readonly Mark[] {
    const marks = annotations
      .flatMap((annotation) => annotation.marks)
      .map((mark) => (mark.label === undefined ? mark : { ...mark, label: composed(mark.label) }));
    const denies = ({ label, region }: Mark): boolean =>
      label !== undefined && denied.has(label) && (region === undefined || hasOthers);
    const rest = marks.filter((mark) => !denies(mark));
    for (const mark of marks.filter(denies)) {
      const { label, region, place } = mark;
      const [first] = rest;
      if (first !== undefined) {
        const other = first.label === undefined ? 'something marked' : `"${first.label}"`;
        const message = `"${name}" has "${label}" and ${other}: taken as the latter`;
        this.#issues.warning('images marked both with and without a finding', message, place);
      } else if (region !== undefined) {
        const message = `a ${region.kind} on "${name}" is labelled "${label}": taken to mean that nothing is there`;
        this.#issues.warning('marks that say that nothing is there', message, place);
      }
    }
    return rest;
  }

  #reportImages(found: number): void {
    if (found === 0) {
      const message =
        this.#missing === undefined
          ? 'no annotation can be read'
          : `none of its ${this.#missingCount} annotated images is here, such as ${this.#missing}; give the image folder with --images`;
      if (!this.#issues.hasErrors) this.#issues.error(message, { file: this.#root });
      return;
    }
    for (const { name, path } of this.images) {
      if (this.#entries.has(name) || isAmongOverlays(name)) continue;
      this.#issues.warning('images without an annotation', 'no annotation names the image: left out', { file: path });
    }
  }
}

function placedLabel({ label, place }: Mark): PlacedLabel[] {
  return label === undefined ? [] : [[label, place]];
}

/** In composed Unicode: letters that look the same are. */
function composed(label: string): string {
  return label.normalize('NFC');
}

/** What the first annotation that knows says. */
function firstOf<K extends keyof Annotation>(annotations: readonly Annotation[], key: K): Annotation[K] | undefined {
  return annotations.find((annotation) => annotation[key] !== undefined)?.[key];
}

function chooseCategory(positive: string | undefined, categories: ReadonlySet<string>): FindingChoice {
  const [only] = categories;
  return chooseFinding(positive ?? (categories.size === 1 ? only : undefined), categories, 'no finding');
}

function rowOf(name: string, { label, region, within, asShown, place }: Mark, choice: FindingChoice): RegionRow[] {
  if (region === undefined || !choice.counts(label ?? '')) return [];
  const size = within === undefined ? {} : { within };
  return [{ name, region, label, place, ...size, ...(asShown === undefined ? {} : { asShown }) }];
}
