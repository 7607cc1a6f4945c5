import type { Colour, Region } from '@weakspot/core';
import { Random, drawRegion, greyToDisplay, percentileWindow, resizeBilinear, scaleRegion } from '@weakspot/core';
import sharp from 'sharp';
import { hasClass } from '../data/classes.js';
import type { Dataset, Sample } from '../data/dataset.js';
import type { DecodedImage } from '../data/image.js';
import { label, svgDocument } from '../report/svg.js';

/** Room for a picture, pixels each way. */
const CELL = 192;
const MIN_CELL = 48;
const GAP = 4;
/** Between two classes. */
const AISLE = 20;
const HEADER = 28;
const COLUMNS = 8;
const ROWS = 8;
const truthColour: Colour = [0, 230, 64];

/** A film in grey with its ground truth: row-major RGB, no side longer than a cell's. */
export interface Picture {
  /** Whose film it is: its class or, in a multi-label set, its classes. */
  readonly sample: Pick<Sample, 'label' | 'labels'>;
  readonly rgb: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/**
 * The images to show, 64 at most, as many of each class as its columns hold: those with ground truth first, otherwise drawn
 * from the seed.
 */
export function choosePictures({ samples, classes }: Dataset, seed: number): ReadonlySet<Sample> {
  const perClass = columnsPerClass(classes.length) * ROWS;
  const chosen = classes.slice(0, COLUMNS).flatMap((_, index) => {
    const members = samples.filter((sample) => hasClass(sample, index));
    const drawn = new Random(seed, 'inspect', 'pictures', index).shuffle(members);
    return drawn.toSorted((a, b) => Number(b.regions.length > 0) - Number(a.regions.length > 0)).slice(0, perClass);
  });
  return new Set(chosen);
}

/** The film between its 0.5th and 99.5th percentile, as large as fits into a cell, with its regions outlined in green. */
export function pictureOf(image: DecodedImage, sample: Pick<Sample, 'label' | 'labels' | 'regions'>): Picture {
  const scale = CELL / Math.max(image.width, image.height);
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const film = resizeBilinear(image.pixels, image.width, image.height, width, height, { antialias: true });
  const grey = greyToDisplay(film, ...percentileWindow(image.pixels, 0.5, 99.5));
  const rgb = new Uint8ClampedArray(width * height * 3);
  grey.forEach((value, i) => rgb.fill(image.inverted ? 255 - value : value, i * 3, i * 3 + 3));
  const drawn = sample.regions.map((region): Region => scaleRegion(region, width / image.width, height / image.height));
  for (const region of drawn) drawRegion(rgb, width, height, region, truthColour);
  return { sample, rgb, width, height };
}

/** The pictures as a PNG file, classes side by side under their names; classes beyond the eighth are not shown. */
export async function contactSheetPng(pictures: readonly Picture[], classes: readonly string[]): Promise<Uint8Array> {
  const shown = classes.slice(0, COLUMNS);
  const columns = columnsPerClass(shown.length);
  // As large as the largest picture: films of one shape leave no empty room.
  const cellWidth = Math.max(MIN_CELL, ...pictures.map((picture) => picture.width));
  const cellHeight = Math.max(MIN_CELL, ...pictures.map((picture) => picture.height));
  const blockWidth = columns * (cellWidth + GAP) - GAP;
  const blocks = shown.map((name, index) => ({
    name,
    left: GAP + index * (blockWidth + AISLE),
    // One chosen for another class that it has too may be one too many.
    members: pictures.filter(({ sample }) => hasClass(sample, index)).slice(0, columns * ROWS),
  }));
  const rows = Math.max(1, ...blocks.map(({ members }) => Math.ceil(members.length / columns)));
  const width = 2 * GAP + shown.length * (blockWidth + AISLE) - AISLE;
  const height = HEADER + rows * (cellHeight + GAP);
  const headings = blocks.map(({ name, left }) => {
    return label(left + blockWidth / 2, 20, name, { 'font-size': 15, 'text-anchor': 'middle', fill: '#222222' });
  });
  const films = blocks.flatMap(({ members, left }) =>
    members.map((picture, i) => ({
      input: Buffer.from(picture.rgb),
      raw: { width: picture.width, height: picture.height, channels: 3 as const },
      left: left + (i % columns) * (cellWidth + GAP) + Math.floor((cellWidth - picture.width) / 2),
      top: HEADER + Math.floor(i / columns) * (cellHeight + GAP) + Math.floor((cellHeight - picture.height) / 2),
    })),
  );
  const paper = Buffer.from(svgDocument(width, height, shown.join(', '), headings.join('')));
  const png = await sharp(paper).flatten({ background: '#ffffff' }).composite(films).png().toBuffer();
  return new Uint8Array(png);
}

function columnsPerClass(classes: number): number {
  return Math.max(1, Math.floor(COLUMNS / Math.max(1, classes)));
}
