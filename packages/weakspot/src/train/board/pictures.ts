import {
  type EventImage,
  type HostTensor,
  greyToDisplay,
  heatRange,
  overlayHeat,
  percentileWindow,
  placeMap,
} from '@weakspot/core';
import sharp from 'sharp';
import type { LocalizedInput } from '../trainer.js';

/** Pixels between panels, and between filters. */
const GAP = 2;
/** A filter is enlarged to about this many pixels. */
const FILTER_SIDE = 32;

/** A film as the network sees it: its prepared pixels at the size of the input. */
export interface Film {
  readonly pixels: Uint16Array;
  readonly width: number;
  readonly height: number;
}

/**
 * A film, and beside it each class's activation map over it, from the map's minimum to the class's probability as the heat
 * of its maximum.
 */
export async function mapPicture({ pixels, width, height }: Film, found: LocalizedInput): Promise<EventImage> {
  const grey = greyToDisplay(pixels, ...percentileWindow(pixels, 0.5, 99.5));
  const cold = new Float32Array(width * height);
  const overlays = found.maps.map((map, index) => {
    const { low, high } = heatRange(map.values, found.probabilities[index] ?? 0);
    const values = placeMap(map, { width, height }, width, height);
    // A map without range has no heat to show.
    return overlayHeat(
      grey,
      width,
      height,
      values.map((value) => (high > low ? (value - low) / (high - low) : 0)),
    );
  });
  const panels = [overlayHeat(grey, width, height, cold), ...overlays];
  const whole = { width: panels.length * (width + GAP) - GAP, height };
  const rgb = new Uint8Array(whole.width * height * 3).fill(255);
  panels.forEach((panel, index) => {
    for (let row = 0; row < height; row++) {
      const target = (row * whole.width + index * (width + GAP)) * 3;
      rgb.set(panel.subarray(row * width * 3, (row + 1) * width * 3), target);
    }
  });
  return { ...whole, colour: 'rgb', png: await encodePng(rgb, whole, 3) };
}

/**
 * Filters of the first layer [K, 1, height, width] in rows of a near square, enlarged pixel by pixel: 0 is middle grey,
 * and the largest value of all, on either side, black or white.
 */
export async function filterPicture({ data, shape }: HostTensor): Promise<EventImage> {
  const [count = 0, , rows = 0, columns = 0] = shape;
  const zoom = Math.max(1, Math.round(FILTER_SIDE / columns));
  const across = Math.ceil(Math.sqrt(count));
  const step = { x: columns * zoom + GAP, y: rows * zoom + GAP };
  const whole = { width: across * step.x - GAP, height: Math.ceil(count / across) * step.y - GAP };
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const grey = new Uint8Array(whole.width * whole.height).fill(255);
  for (let filter = 0; filter < count; filter++) {
    const [left, top] = [(filter % across) * step.x, Math.floor(filter / across) * step.y];
    for (let y = 0; y < rows * zoom; y++) {
      for (let x = 0; x < columns * zoom; x++) {
        const at = (filter * rows + Math.floor(y / zoom)) * columns + Math.floor(x / zoom);
        const value = (data[at] as number) / largest;
        grey[(top + y) * whole.width + left + x] = Math.round(127.5 + 127.5 * value);
      }
    }
  }
  return { ...whole, colour: 'grey', png: await encodePng(grey, whole, 1) };
}

async function encodePng(
  pixels: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  channels: 1 | 3,
): Promise<Uint8Array> {
  const image = sharp(pixels, { raw: { width, height, channels } });
  const png = await (channels === 1 ? image.toColourspace('b-w') : image).png().toBuffer();
  return new Uint8Array(png);
}
