import { unreadableDicom } from './failure.js';
import type { GreyFrame } from './grey.js';
import { asWord, isWord, lookUp } from './lut.js';
import type { Modality } from './modality.js';
import { modalityRange, readModality } from './modality.js';
import type { DicomImage } from './open.js';
import type { Samples } from './samples.js';
import { cleanBits, storedRange } from './stored-bits.js';
import { readWindows } from './windows.js';

/** A frame of one sample a pixel, with its modality transformation, padding and windows. */
export function monochrome(image: DicomImage, stored: Samples, frame: number, file: string): GreyFrame {
  const { dataSet, module } = image;
  const modality = readModality(dataSet, module.signed, frame - 1);
  const samples = onlyStoredBits(stored, image);
  const padding = paddingOf(image);
  const pixels = transformed(samples, modality, padding);
  if (padding !== undefined && pixels.every((value) => Number.isNaN(value)))
    throw unreadableDicom(file, 'all of its pixels are padding');
  const [lowest, highest] = modalityRange(modality, module.float ? rangeOf(samples) : storedRange(module));
  return {
    width: module.columns,
    height: module.rows,
    pixels,
    lowest,
    highest,
    inverted: module.photometricInterpretation === 'MONOCHROME1',
    windows: readWindows(dataSet, lowest < 0, frame - 1),
  };
}

/**
 * Reads what becomes of the values of a frame of one sample a pixel, without decoding it.
 *
 * @throws WeakspotError `data` where an attribute of it can't be read.
 */
export function checkAttributes({ dataSet, module }: DicomImage, frame: number): void {
  if (module.samplesPerPixel !== 1 || module.photometricInterpretation === 'PALETTE COLOR') return;
  readModality(dataSet, module.signed, frame - 1);
  paddingOf({ dataSet, module });
  readWindows(dataSet, module.signed, frame - 1);
}

/** Codecs return them; native and RLE samples may carry overlays in the others. */
function onlyStoredBits(samples: Samples, { module }: DicomImage): Samples {
  const { bitsStored, bitsAllocated, highBit, float, transferSyntax } = module;
  const whole = bitsStored === bitsAllocated && highBit === bitsAllocated - 1;
  const cleaned = transferSyntax.encoding !== 'native' && transferSyntax.encoding !== 'rle';
  return whole || float || cleaned ? samples : cleanBits(samples, module);
}

type Range = readonly [lowest: number, highest: number];

/** Stored values that are no image (PS3.3 C.7.5.1.1.2). */
function paddingOf({ dataSet, module }: Pick<DicomImage, 'dataSet' | 'module'>): Range | undefined {
  const [value, limit = value] = (['PixelPaddingValue', 'PixelPaddingRangeLimit'] as const).map((keyword) => {
    const stated = dataSet.number(keyword);
    return stated === undefined || module.float || !isWord(stated) ? stated : asWord(stated, module.signed);
  });
  if (value === undefined || limit === undefined) return undefined;
  return [Math.min(value, limit), Math.max(value, limit)];
}

function transformed(samples: Samples, modality: Modality, padding: Range | undefined): GreyFrame['pixels'] {
  const unsigned = samples instanceof Uint8Array || samples instanceof Uint16Array;
  if (unsigned && modality.kind === 'identity' && padding === undefined) return samples;
  const pixels = new Float32Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i] as number;
    const isPadding = padding !== undefined && value >= padding[0] && value <= padding[1];
    pixels[i] = isPadding ? NaN : valueOf(value, modality);
  }
  return pixels;
}

function valueOf(stored: number, modality: Modality): number {
  if (modality.kind === 'linear') return modality.slope * stored + modality.intercept;
  return modality.kind === 'table' ? lookUp(modality.table, stored) : stored;
}

/** Of floating-point samples, whose type says nothing of it. */
function rangeOf(samples: Samples): [number, number] {
  let [lowest, highest] = [Infinity, -Infinity];
  for (const value of samples) {
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  return [lowest, highest];
}
