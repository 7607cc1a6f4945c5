import { dirname } from 'node:path/posix';
import { relative } from 'node:path';
import type { Region } from '@weakspot/core';
import type { LabelledFile, Split } from '../dataset.js';
import type { RegionRow } from '../ground-truth.js';
import type { ImageSize } from '../image.js';
import type { IssueList, IssuePlace } from '../issues.js';
import { chooseFinding } from './findings.js';
import type { FindingChoice } from './findings.js';
import { findImages, withoutLoneTraining } from './found-images.js';
import type { FoundImage } from './found-images.js';
import { ImageIndex, isAmongOverlays } from './image-index.js';
import type { FolderListing, FoundDataset, ReaderOptions } from './reader.js';

/** Something marked on an image. */
export interface Mark {
  /** Its category; undefined where the format has none. */
  readonly label: string | undefined;
  /** Undefined where the annotation says that it is there and not where. */
  readonly region: Region | undefined;
  /** As in `RegionRow`. */
  readonly within?: ImageSize | undefined;
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
  const images = await findImages(listing, options.images, { idOf: (name) => name }, issues);
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

  /** The image of the first of these names that is there; else undefined, with a warning. */
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
   * there is; else any of them, named `finding`.
   *
   * @param listed Categories that the format lists; those of the marks unless it does.
   * @throws WeakspotError `usage` where there is no such category.
   */
  result(listed?: Iterable<string>): FoundDataset {
    const entries = [...this.#entries.values()];
    this.#reportImages(entries.length);
    const used = entries.flatMap(({ annotations }) =>
      annotations.flatMap(({ marks }) => marks.map(({ label }) => label)),
    );
    const categories = new Set([...(listed ?? []), ...used].filter((label) => label !== undefined));
    const choice = chooseCategory(this.#positive, categories);
    const files = entries.map(({ image, annotations }): LabelledFile => {
      const marks = annotations.flatMap((annotation) => annotation.marks);
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
    const truth = entries.flatMap(({ image: { name }, annotations }) =>
      annotations.flatMap(({ marks }) => marks.flatMap((mark) => rowOf(name, mark, choice))),
    );
    return { files: withoutLoneTraining(files), truth, ...(files.length === 0 ? {} : { positive: choice.positive }) };
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

/** What the first annotation that knows says. */
function firstOf<K extends keyof Annotation>(annotations: readonly Annotation[], key: K): Annotation[K] | undefined {
  return annotations.find((annotation) => annotation[key] !== undefined)?.[key];
}

function chooseCategory(positive: string | undefined, categories: ReadonlySet<string>): FindingChoice {
  const [only] = categories;
  return chooseFinding(positive ?? (categories.size === 1 ? only : undefined), categories, 'no finding');
}

function rowOf(name: string, { label, region, within, place }: Mark, choice: FindingChoice): RegionRow[] {
  if (region === undefined || !choice.counts(label ?? '')) return [];
  return [{ name, region, label, place, ...(within === undefined ? {} : { within }) }];
}
