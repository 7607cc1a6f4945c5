import type { Voi } from '@weakspot/core';
import { luma } from '@weakspot/core';
import type { StreamColour } from './codestream.js';
import { unreadableDicom } from './failure.js';
import { monochrome } from './monochrome.js';
import type { DicomImage } from './open.js';
import { lookUp, readTable } from './lut.js';
import type { Samples } from './samples.js';

/** A frame in grey, after the modality transformation and before any window. */
export interface GreyFrame {
  readonly width: number;
  readonly height: number;
  /** Row-major, `width * height`; NaN where a pixel is padding. */
  readonly pixels: Uint8Array | Uint16Array | Float32Array;
  /** The lowest and highest value that the stored bits can stand for. */
  readonly lowest: number;
  readonly highest: number;
  /** Whether the highest value is black (MONOCHROME1). */
  readonly inverted: boolean;
  readonly windows: readonly Voi[];
}

/**
 * Decodes a frame to grey: the values of the modality LUT or rescale; of colour the luma (Y of YBR), of a palette the
 * luma of its colours. Where a codestream says what its colours are, that holds, not what the data set says. Overlays are
 * left out.
 *
 * @param frame From 1.
 * @throws WeakspotError `data` as `DicomImage.frame`, and where the photometric interpretation isn't read.
 */
export async function greyFrame(image: DicomImage, frame: number, file: string): Promise<GreyFrame> {
  const { photometricInterpretation: kind, samplesPerPixel, float } = image.module;
  const samples = await image.frame(frame);
  if (kind === 'PALETTE COLOR') return paletteGrey(image, samples, file);
  if (samplesPerPixel === 1) return monochrome(image, samples, frame, file);
  const colour = image.streamColour(frame) ?? labelled(kind);
  if (samplesPerPixel !== 3 || float || colour === undefined)
    throw unreadableDicom(
      file,
      `its photometric interpretation, of ${samplesPerPixel} samples a pixel, is not supported`,
    );
  const unsigned = unsignedOf(samples);
  if (unsigned === undefined) throw unreadableDicom(file, 'its colours are signed samples, which are not supported');
  const pixels = colour === 'ybr' ? unsigned.filter((_, i) => i % 3 === 0) : luma(unsigned);
  return plain(image, pixels, 2 ** Math.min(image.module.bitsStored, 16) - 1);
}

/** What a photometric interpretation says of decoded samples: the transforms of JPEG 2000 are undone by decoding. */
function labelled(kind: string): StreamColour | undefined {
  if (kind === 'RGB' || kind === 'YBR_RCT' || kind === 'YBR_ICT') return 'rgb';
  return kind.startsWith('YBR_') ? 'ybr' : undefined;
}

/** Samples as the luma takes them: the upper 16 of 32 bits are more than it needs. */
function unsignedOf(samples: Samples): Uint8Array | Uint16Array | undefined {
  if (samples instanceof Uint32Array) return Uint16Array.from(samples, (value) => value >>> 16);
  return samples instanceof Uint8Array || samples instanceof Uint16Array ? samples : undefined;
}

function plain({ module }: DicomImage, pixels: GreyFrame['pixels'], highest: number): GreyFrame {
  const { columns: width, rows: height } = module;
  return { width, height, pixels, lowest: 0, highest, inverted: false, windows: [] };
}

/** PS3.3 C.7.6.3.1.5. */
function paletteGrey(image: DicomImage, samples: Samples, file: string): GreyFrame {
  const { signed, float, samplesPerPixel } = image.module;
  const tables = (['Red', 'Green', 'Blue'] as const).map((colour) =>
    readTable(
      image.dataSet,
      [`${colour}PaletteColorLookupTableDescriptor`, `${colour}PaletteColorLookupTableData`],
      signed,
    ),
  );
  const [red, green, blue] = tables;
  if (red === undefined || green === undefined || blue === undefined || float || samplesPerPixel !== 1) {
    const segmented = image.dataSet.has('SegmentedRedPaletteColorLookupTableData');
    throw unreadableDicom(
      file,
      segmented ? 'its palette is segmented, which is not supported' : 'its palette is missing or damaged',
    );
  }
  const wide = Math.max(red.bits, green.bits, blue.bits) > 8;
  const colours = wide ? new Uint16Array(3 * samples.length) : new Uint8Array(3 * samples.length);
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i] as number;
    colours[3 * i] = lookUp(red, value);
    colours[3 * i + 1] = lookUp(green, value);
    colours[3 * i + 2] = lookUp(blue, value);
  }
  return plain(image, luma(colours), wide ? 65535 : 255);
}
