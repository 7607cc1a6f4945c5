import { interpolateInferno, interpolateTurbo, interpolateViridis } from 'd3-scale-chromatic';
import { WeakspotError } from '../errors.js';

export type ColourMapName = 'inferno' | 'turbo' | 'viridis';

/** Red, green and blue, each 0..255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** 256 colours as 768 bytes: red, green and blue of entry 0, then of entry 1, to the hottest. */
export interface ColourMap {
  readonly name: ColourMapName;
  readonly table: Uint8Array;
}

const interpolators: Readonly<Record<ColourMapName, (t: number) => string>> = {
  inferno: interpolateInferno,
  turbo: interpolateTurbo,
  viridis: interpolateViridis,
};

/** The named colour map (Matplotlib's inferno and viridis, Google's turbo); make it once and pass it on. */
export function colourMap(name: ColourMapName): ColourMap {
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) table.set(parseColour(interpolators[name](i / 255)), i * 3);
  return { name, table };
}

/** Reads `#rrggbb` and `rgb(r, g, b)`, the two forms that d3 writes. */
function parseColour(text: string): Colour {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  const parts = hex ?? /^rgb\((\d+), (\d+), (\d+)\)$/.exec(text);
  if (parts === null) throw new WeakspotError('usage', `"${text}" is not a colour`, { hint: 'Write it as #rrggbb.' });
  const base = hex === null ? 10 : 16;
  const channel = (i: number): number => Number.parseInt(parts[i] as string, base);
  return [channel(1), channel(2), channel(3)];
}
