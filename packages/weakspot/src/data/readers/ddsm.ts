import { basename, join } from 'node:path';
import type { FilmCase, FilmScan } from '../film-scan.js';
import { filmCaseOf, readFilmCase } from '../film-scan.js';
import type { RegionRow } from '../ground-truth.js';
import type { IssueList, IssuePlace } from '../issues.js';
import type { OutlinedAbnormality } from './ddsm-overlay.js';
import { DDSM_FINDINGS, readOverlay } from './ddsm-overlay.js';
import { chooseFinding } from './findings.js';
import type { ImageNaming, LabelledRow } from './found-images.js';
import { findImages, joinImages } from './found-images.js';
import { mapReporting } from './map-reporting.js';
import type { DatasetReader, FolderListing } from './reader.js';

/** Cases read at once. */
const CONCURRENCY = 8;
const CASE = /(^|\/)[A-D][-_]\d{4}[-_]\d\.ics$/i;
const FILM = /^([A-D])[-_](\d{4})[-_](\d)\.(LEFT|RIGHT)_(CC|MLO)\b/i;
const [NORMAL, ABNORMAL] = ['normal', 'abnormal'];

const naming: ImageNaming = {
  idOf: filmOf,
  isOther: (name) => /mask|overlay/i.test(basename(name)),
};

/** `A_1459_1.LEFT_CC` of `A_1459_1.LEFT_CC.LJPEG`, and of what was made of it. */
function filmOf(name: string): string | undefined {
  const parts = FILM.exec(basename(name));
  if (parts === null) return undefined;
  const [, letter, number, scan, side, view] = parts;
  return `${letter}_${number}_${scan}.${side}_${view}`.toUpperCase();
}

/**
 * DDSM: 2,620 cases of four scanned films each, normal, benign and malignant (Heath et al., Proceedings of the 5th
 * International Workshop on Digital Mammography, 2000). A folder per case holds an `.ics` file on the case, the films as
 * lossless JPEG (`.LJPEG`) or what was made of them, and an `.OVERLAY` file for each film with an abnormality.
 *
 * A film without outlines is normal, also of a case whose other films have some.
 */
export const ddsm: DatasetReader<'ddsm'> = {
  format: 'ddsm',
  title: 'DDSM scanned mammograms',

  recognises: ({ files }) => files.some((name) => CASE.test(name)),

  async read(listing, options, issues) {
    const { root } = listing;
    const images = await findImages(listing, options.images, naming, issues);
    const films = await readFilms(listing, options.signal, issues);
    const used = films.flatMap(({ abnormalities }) => abnormalities.flatMap(({ findings }) => findings));
    const choice = chooseFinding(options.positive, new Set([...DDSM_FINDINGS, ...used]), NORMAL, ABNORMAL);
    const rows = films.map(({ id, abnormalities, place }): LabelledRow => {
      const [letter, number] = id.split('_') as [string, string];
      const [side, view] = (id.split('.')[1] as string).split('_') as [string, string];
      const findings = new Set(abnormalities.flatMap((abnormality) => abnormality.findings));
      return {
        id,
        label: choice.labelOf(abnormalities.length > 0 && findings.size === 0 ? new Set(['']) : findings),
        patient: `${letter}_${number}`,
        split: undefined,
        view: `${side.charAt(0)}-${view}`,
        place,
      };
    });
    const truth = films.flatMap(({ id, abnormalities, scan: { width, height } }): RegionRow[] => {
      const name = images.get(id)?.name;
      if (name === undefined) return [];
      return abnormalities.flatMap(({ findings, region, place }): RegionRow[] => {
        const counts = region !== undefined && findings.some((finding) => choice.counts(finding));
        return counts ? [{ name, region, within: { width, height }, label: undefined, place }] : [];
      });
    });
    return { files: joinImages(rows, images, root, issues), truth, positive: choice.positive };
  },
};

interface Film {
  readonly id: string;
  readonly scan: FilmScan;
  readonly abnormalities: readonly OutlinedAbnormality[];
  readonly place: IssuePlace;
}

async function readFilms(
  { root, files }: FolderListing,
  signal: AbortSignal | undefined,
  issues: IssueList,
): Promise<Film[]> {
  const overlays = new Map<string, string>();
  for (const name of files) {
    const id = /\.OVERLAY$/i.test(name) ? filmOf(name) : undefined;
    if (id !== undefined) overlays.set(id, join(root, name));
  }
  const cases = files.filter((name) => CASE.test(name)).map((name) => join(root, name));
  if (cases.length === 0) issues.error('there is no .ics file of a case, such as A-1459-1.ics', { file: root });
  const films = await mapReporting(
    cases,
    CONCURRENCY,
    issues,
    async (file, own) => readCase(file, await readFilmCase(file, own), overlays, own),
    signal,
  );
  return films.flat();
}

async function readCase(
  file: string,
  { films }: FilmCase,
  overlays: ReadonlyMap<string, string>,
  issues: IssueList,
): Promise<Film[]> {
  const found: Film[] = [];
  for (const [view, { line, hasOverlay, ...scan }] of films) {
    const place = { file, line };
    const id = `${filmCaseOf(file)}.${view}`;
    const overlay = overlays.get(id);
    if (overlay === undefined && hasOverlay) {
      const message = `the .OVERLAY file of ${view} is missing, so its contents are unknown: left out`;
      issues.warning('images without their overlay', message, place);
      continue;
    }
    const abnormalities = overlay === undefined ? [] : await readOverlay(overlay, issues);
    found.push({ id, scan, abnormalities, place });
  }
  return found;
}
