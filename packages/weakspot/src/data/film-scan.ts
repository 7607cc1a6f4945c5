import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { IssueList } from './issues.js';
import { readText } from './text.js';

/** A scanner of films, by the hospital where its grey levels were measured against optical density. */
export type Digitizer = 'DBA' | 'HOWTEK' | 'HOWTEK-ISMD' | 'LUMISYS';

/** How a film of DDSM was scanned, from the `.ics` file of its case. */
export interface FilmScan {
  /** Rows and columns; those in the image file's own header may be another film's, or swapped. */
  readonly height: number;
  readonly width: number;
  readonly bitsPerPixel: number;
  readonly digitizer: Digitizer;
}

/** What the `.ics` file of a case of DDSM says of it. */
export interface FilmCase {
  /** By name of the view, such as `LEFT_CC`. */
  readonly films: ReadonlyMap<string, FilmScan & { readonly line: number; readonly hasOverlay: boolean }>;
}

/** `A_1459_1.LEFT_CC.LJPEG`: case and view. */
const FILM = /^([A-D][-_]\d{4}[-_]\d)\.((?:LEFT|RIGHT)_(?:CC|MLO))\.LJPEG$/i;
const VIEW = /^(LEFT|RIGHT)_(CC|MLO)$/i;
const NUMBERS = ['LINES', 'PIXELS_PER_LINE', 'BITS_PER_PIXEL'] as const;

/** Whether a file is a film of DDSM by its name. */
export function isFilmName(path: string): boolean {
  return FILM.test(basename(path));
}

/** `A_1459_1` of a file's name in any of the set's spellings. */
export function filmCaseOf(name: string): string {
  return (/^[A-D][-_]\d{4}[-_]\d/i.exec(basename(name))?.[0] ?? '').replaceAll('-', '_').toUpperCase();
}

/**
 * How the film at this path was scanned, by the `.ics` file in its folder; undefined where it is no film of DDSM.
 *
 * @throws WeakspotError `data` where the `.ics` file is missing, or is wrong.
 */
export async function filmScanOf(path: string): Promise<FilmScan | undefined> {
  const [, , view = ''] = FILM.exec(basename(path)) ?? [];
  if (view === '') return undefined;
  const folder = dirname(path);
  const names = await readdir(folder).catch((): string[] => []);
  const ics = names.find((name) => /\.ics$/i.test(name) && filmCaseOf(name) === filmCaseOf(path));
  const issues = new IssueList();
  const file = ics === undefined ? folder : join(folder, ics);
  const found = ics === undefined ? undefined : (await readFilmCase(file, issues)).films.get(view.toUpperCase());
  if (found === undefined && !issues.hasErrors) {
    const reason =
      ics === undefined
        ? 'the .ics file of its case, which gives its size, is not beside it'
        : `its .ics file has no ${view}`;
    issues.error(reason, { file });
  }
  if (found === undefined) issues.throwIfErrors(path);
  return found;
}

/**
 * Reads an `.ics` file: a line per property of the case, and one per film: `LEFT_CC LINES 5236 PIXELS_PER_LINE 2521
 * BITS_PER_PIXEL 12 RESOLUTION 43.5 OVERLAY`. Of the patient nothing is kept.
 */
export async function readFilmCase(file: string, issues: IssueList): Promise<FilmCase> {
  const text = (await readText(file, issues)) ?? '';
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.trim().split(/\s+/));
  const films = new Map<string, FilmScan & { readonly line: number; readonly hasOverlay: boolean }>();
  const scanner = lines.find(([key]) => key?.toUpperCase() === 'DIGITIZER')?.[1];
  const digitizer = digitizerOf(scanner ?? '', filmCaseOf(file));
  if (digitizer === undefined && text !== '') {
    const message =
      scanner === undefined
        ? 'there is no line DIGITIZER'
        : `the digitizer "${scanner}" is not known: DBA, HOWTEK and LUMISYS are`;
    issues.error(message, { file, field: 'DIGITIZER' });
    return { films };
  }
  for (const [i, words] of lines.entries()) {
    const view = words[0]?.toUpperCase() ?? '';
    if (!VIEW.test(view) || digitizer === undefined) continue;
    const place = { file, line: i + 1 };
    const [height = 0, width = 0, bitsPerPixel = 0] = NUMBERS.map((key) => numberAfter(words, key));
    if (height > 0 && width > 0 && bitsPerPixel > 0 && bitsPerPixel <= 16) {
      const hasOverlay = words.some((word) => word.toUpperCase() === 'OVERLAY');
      films.set(view, { height, width, bitsPerPixel, digitizer, line: i + 1, hasOverlay });
    } else issues.error(`${view} lacks one of ${NUMBERS.join(', ')}, or it is not a possible number`, place);
  }
  return { films };
}

function numberAfter(words: readonly string[], key: string): number {
  const written = words[words.findIndex((word) => word.toUpperCase() === key) + 1] ?? '';
  return /^\d{1,5}$/.test(written) ? Number(written) : 0;
}

/** Cases of the letter D were scanned elsewhere (ISMD) than those of A, with another Howtek. */
function digitizerOf(written: string, filmCase: string): Digitizer | undefined {
  const name = written.toUpperCase();
  if (name === 'HOWTEK') return filmCase.startsWith('D') ? 'HOWTEK-ISMD' : 'HOWTEK';
  return name === 'DBA' || name === 'LUMISYS' ? name : undefined;
}

/** Optical densities that films have: the limits of the set's own software. */
export const [LEAST_DENSITY, MOST_DENSITY] = [0.05, 3.6];

/**
 * Optical density of a grey level, as the set's publishers measured it of each digitizer (University of South Florida,
 * DDSM calibration pages).
 */
const DENSITIES: Readonly<Record<Digitizer, (level: number) => number>> = {
  DBA: (level) => (Math.log10(Math.max(level, 1)) - 4.80662) / -1.07553,
  HOWTEK: (level) => 3.789 - 0.00094568 * level,
  'HOWTEK-ISMD': (level) => 3.96604095240593 - 0.00099055807612 * level,
  LUMISYS: (level) => (level - 4096.99) / -1009.01,
};

/**
 * Grey levels of a digitizer as 16 bits that mean the same for all of them: straight over the optical density, 65535 where
 * the film is clearest (0.05) and 0 where it is blackest (3.6).
 */
export function levelsToDensity(levels: Uint8Array | Uint16Array, digitizer: Digitizer): Uint16Array {
  const table = new Uint16Array(2 ** 16);
  const densityOf = DENSITIES[digitizer];
  for (let level = 0; level < table.length; level++) {
    const density = Math.min(Math.max(densityOf(level), LEAST_DENSITY), MOST_DENSITY);
    table[level] = Math.round(((MOST_DENSITY - density) / (MOST_DENSITY - LEAST_DENSITY)) * 65535);
  }
  return Uint16Array.from(levels, (level) => table[level] as number);
}
