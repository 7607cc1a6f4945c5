import { readFile } from 'node:fs/promises';
import {
  type Box,
  type Region,
  colourMap,
  intensitiesOf,
  messageOf,
  overlayHeat,
  resizeBilinear,
  scaleRegion,
  formatScore,
} from '@weakspot/core';
import sharp from 'sharp';
import type { Sample } from '../data/dataset.js';
import { decodeImage } from '../data/decode.js';
import { unreadableImage } from '../data/image.js';
import { filmScanOf } from '../data/film-scan.js';
import { heatRange } from '../evaluate/index.js';
import { type OverlayPicture, overlayPicture } from '../report/index.js';
import type { PageCell, PageImage } from '../report/page/content.js';
import { CALLED } from './choose.js';
import type { MeasuredImage } from './measure.js';

/** Longer side of a picture, pixels: about twice what a page shows, for sharp screens. */
const SIDE = 400;
/** Of outlines, so that they stay visible where the page shows the picture smaller. */
const LINE = 2;
const QUALITY = 82;

/** A film as it is shown, small. */
export interface Film {
  readonly sample: Sample;
  readonly className: string;
  /** 0 black to 1 white. */
  readonly pixels: Float32Array;
  readonly width: number;
  readonly height: number;
  /** Pixels here per pixel of the original image, along both axes. */
  readonly scaleX: number;
  readonly scaleY: number;
  readonly regions: readonly Region[];
}

/**
 * Reads a film for showing, through its window where it has one.
 * @throws WeakspotError `data` naming the file, where it cannot be read.
 */
export async function readFilm(sample: Sample, className: string): Promise<Film> {
  const bytes = await readFile(sample.path).catch((error: unknown) => {
    throw unreadableImage(sample.path, `cannot read: ${messageOf(error)}`, error);
  });
  const { frame = 1 } = sample;
  const image = await decodeImage(bytes, sample.path, { frame, scan: await filmScanOf(sample.path) });
  const shrink = Math.min(1, SIDE / Math.max(image.width, image.height));
  const width = Math.max(1, Math.round(image.width * shrink));
  const height = Math.max(1, Math.round(image.height * shrink));
  const shown = intensitiesOf(image, { range: 'display' });
  const pixels = resizeBilinear(shown, image.width, image.height, width, height, { antialias: true });
  const [scaleX, scaleY] = [width / image.width, height / image.height];
  const regions = sample.regions.map((region) => scaleRegion(region, scaleX, scaleY));
  return { sample, className, pixels, width, height, scaleX, scaleY, regions };
}

/** The film with its ground truth outlined. */
export async function filmCell(film: Film): Promise<PageCell> {
  const picture = overlayPicture({ image: film, truth: film.regions, line: LINE });
  const outlined =
    film.regions.length === 0
      ? 'no ground truth'
      : film.regions.length === 1
        ? 'one region outlined'
        : `${film.regions.length} regions outlined`;
  const alt = `Image ${film.sample.name}, labelled ${film.className}, ${outlined}.`;
  return { image: await jpegOf(picture, alt), caption: 'Image', notes: [`labelled ${film.className}`, outlined] };
}

/** A run's map over the film, from 0 to the probability of the positive class, with ground truth and response. */
export async function mapCell(film: Film, answer: MeasuredImage, method: string, positive: string): Promise<PageCell> {
  const { map, score, response, placement } = answer;
  const place = placement === undefined ? {} : { placement: scaleBox(placement, film.scaleX, film.scaleY) };
  const picture = overlayPicture({
    image: { ...film, ...place },
    map: { ...map, ...heatRange(map.values, score) },
    truth: film.regions,
    response: { x: response.x * film.scaleX, y: response.y * film.scaleY },
    line: LINE,
  });
  const said = `${positive} ${formatScore(score)}`;
  const where = describeResponse(answer);
  const alt = `Map of ${method} over ${film.sample.name}: probability of ${said}; ${where}.`;
  return { image: await jpegOf(picture, alt), caption: method, notes: [said, where] };
}

/** In words, so that it can be read without telling colours apart. */
function describeResponse({ positive, score, hit, distance = 0 }: MeasuredImage): string {
  if (!positive) return score >= CALLED ? 'false alarm' : 'correctly negative';
  if (hit === undefined) return 'no ground truth to compare with';
  const called = score >= CALLED ? '' : 'called negative, ';
  if (hit) return `${called}response on the lesion`;
  return `${called}response ${(100 * distance).toFixed(0)} % of the diagonal from the lesion`;
}

function scaleBox({ x0, y0, x1, y1 }: Box, scaleX: number, scaleY: number): Box {
  return { x0: x0 * scaleX, y0: y0 * scaleY, x1: x1 * scaleX, y1: y1 * scaleY };
}

async function jpegOf({ rgb, width, height }: OverlayPicture, alt: string): Promise<PageImage> {
  // Without subsampling of colours, which would blur the outlines.
  const bytes = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: QUALITY, chromaSubsampling: '4:4:4' })
    .toBuffer();
  return { type: 'image/jpeg', bytes: new Uint8Array(bytes), width, height, alt };
}

/** The colours of heat from 0 to 1, over a middle grey, as the maps show them over films. */
export async function scaleImage(positive: string): Promise<PageImage> {
  const [width, height] = [256, 8];
  const heat = Float32Array.from({ length: width * height }, (_, i) => (i % width) / (width - 1));
  const grey = new Uint8Array(width * height).fill(110);
  const rgb = overlayHeat(grey, width, height, heat, { colourMap: colourMap('inferno') });
  const bytes = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  const alt = `Colours of the maps: from the bare image at 0 over purple and red to yellow at a probability of ${positive} of 1.`;
  return { type: 'image/png', bytes: new Uint8Array(bytes), width, height, alt };
}
