import {
  type EvaluatedImage,
  type HeatMap,
  type ImageSummary,
  type MetricsOptions,
  type Point,
  brightnessMap,
  responsePoint,
  summarizeWithMap,
} from '@weakspot/core';
import type { PreparedImage, Preprocessing } from '../data/preprocess.js';

/** An image's brightness as two heat maps, and where each responds, in pixels of the stored image. */
export interface Brightness {
  readonly brightest: Point;
  readonly darkest: Point;
  readonly bright: HeatMap;
  readonly dark: HeatMap;
}

/** How bright the image is where the model sees it, and the response of that by the protocol of every other map. */
export function brightnessOf(image: PreparedImage, preprocessing: Preprocessing): Brightness {
  const bright = brightnessMap(image, preprocessing);
  const dark = { ...bright, values: bright.values.map((value) => -value) };
  const { originalWidth: width, originalHeight: height, placement } = image;
  const respond = (map: HeatMap): Point => {
    const { x, y } = responsePoint(map, { width, height, placement });
    return { x, y };
  };
  return { brightest: respond(bright), darkest: respond(dark), bright, dark };
}

/** Summaries of an image with its brightness in place of the model's map. */
export function summarizeBrightness(
  image: EvaluatedImage & { readonly patient?: string },
  { bright, dark }: Brightness,
  options: MetricsOptions,
): { readonly brightest: ImageSummary; readonly darkest: ImageSummary } {
  return { brightest: summarizeWithMap(image, bright, options), darkest: summarizeWithMap(image, dark, options) };
}
