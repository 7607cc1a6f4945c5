import { join } from 'node:path';
import type { CircleRegion } from '@weakspot/core';
import type { RegionRow } from '../ground-truth.js';
import type { IssueList, IssuePlace } from '../issues.js';
import { readText } from '../text.js';
import { chooseFinding } from './findings.js';
import type { ImageNaming, LabelledRow } from './found-images.js';
import { findImages, joinImages, mostlyNamed, stemOf } from './found-images.js';
import { firstBytes } from './peek.js';
import type { DatasetReader } from './reader.js';

const INFO = /(^|\/)info\.txt$/i;
/** The table follows a page of explanations. */
const HEAD = 16384;
const ROW = /^\s*mdb\d{3}\s+[FGD]\b/im;
/** Published images have this size, and coordinates are in its pixels. */
const SIDE = 1024;
const [NORMAL, ABNORMAL] = ['normal', 'abnormal'];

const ABNORMALITIES: ReadonlyMap<string, string> = new Map([
  ['CALC', 'calcification'],
  ['CIRC', 'circumscribed mass'],
  ['SPIC', 'spiculated mass'],
  ['MISC', 'ill-defined mass'],
  ['ARCH', 'architectural distortion'],
  ['ASYM', 'asymmetry'],
]);
const SEVERITIES: ReadonlyMap<string, string> = new Map([
  ['B', 'benign'],
  ['M', 'malignant'],
]);

const naming: ImageNaming = {
  idOf: (name) => (/^mdb\d{3}$/i.test(stemOf(name)) ? stemOf(name).toLowerCase() : undefined),
};

/**
 * mini-MIAS: 322 mediolateral oblique mammograms of 161 women, 1024 x 1024 pixels of 0.2 mm (Suckling et al., Exerpta Medica,
 * International Congress Series 1069, 1994). `Info.txt` has a row per abnormality, with the circle around it; several rows
 * may be of one image, and some abnormal images have no circle, as their calcifications are spread widely.
 */
export const mias: DatasetReader<'mias'> = {
  format: 'mias',
  title: 'mini-MIAS mammograms',

  async recognises(listing) {
    const table = listing.files.find((name) => INFO.test(name));
    if (table === undefined) return false;
    const head = new TextDecoder('latin1').decode(await firstBytes(join(listing.root, table), HEAD));
    return ROW.test(head) && (mostlyNamed(listing, naming) || /MAMMOGRAPHIC IMAGE ANALYSIS SOCIETY/i.test(head));
  },

  async read(listing, options, issues) {
    const { root, files } = listing;
    const table = files.find((name) => INFO.test(name));
    if (table === undefined) {
      issues.error('there is no Info.txt: the labels are in it', { file: root });
      return { files: [], truth: [] };
    }
    const images = await findImages(listing, options.images, naming, issues);
    const entries = await readInfo(join(root, table), issues);
    const known = new Set([...ABNORMALITIES.values(), ...SEVERITIES.values()]);
    const choice = chooseFinding(options.positive, known, NORMAL, ABNORMAL);
    const rows = [...entries].map(([id, { marks, place }]): LabelledRow => ({
      id,
      label: choice.labelOf(new Set(marks.flatMap(({ findings }) => findings))),
      patient: patientOf(id),
      split: undefined,
      view: Number(id.slice(3)) % 2 === 0 ? 'L-MLO' : 'R-MLO',
      place,
    }));
    const within = { width: SIDE, height: SIDE };
    const truth = [...entries].flatMap(([id, { marks }]): RegionRow[] => {
      const name = images.get(id)?.name;
      if (name === undefined) return [];
      return marks.flatMap(({ findings, region, place }): RegionRow[] =>
        region === undefined || !findings.some((finding) => choice.counts(finding))
          ? []
          : [{ name, region, within, label: undefined, place }],
      );
    });
    return { files: joinImages(rows, images, root, issues), truth, positive: choice.positive };
  },
};

/** Films are arranged in pairs: odd numbers are the right breast, the even one after it is the left of the same woman. */
function patientOf(id: string): string {
  return `p${String(Math.ceil(Number(id.slice(3)) / 2)).padStart(3, '0')}`;
}

interface Abnormality {
  /** What it is, and how severe. */
  readonly findings: readonly string[];
  readonly region: CircleRegion | undefined;
  readonly place: IssuePlace;
}

interface Entry {
  /** None of a normal image. */
  readonly marks: Abnormality[];
  readonly place: IssuePlace;
}

/**
 * Reads the table of `Info.txt`: image, background tissue, class, severity, centre and radius, apart by blanks. Other lines
 * are explanations.
 */
async function readInfo(file: string, issues: IssueList): Promise<Map<string, Entry>> {
  const text = (await readText(file, issues)) ?? '';
  const entries = new Map<string, Entry>();
  for (const [i, written] of text.split(/\r\n|\n|\r/).entries()) {
    const [name = '', , kind = '', severity = '', ...circle] = written.trim().split(/\s+/);
    if (!/^mdb\d{3}$/i.test(name)) continue;
    const place = { file, line: i + 1 };
    const isNormal = /^NORM$/i.test(kind);
    const abnormality = ABNORMALITIES.get(kind.toUpperCase());
    const grade = SEVERITIES.get(severity.toUpperCase());
    if (!isNormal && (abnormality === undefined || grade === undefined)) {
      const what = abnormality === undefined ? `"${kind}" is not a class` : `"${severity}" is not a severity`;
      issues.error(`${what} of this set`, { ...place, field: abnormality === undefined ? 'class' : 'severity' });
      continue;
    }
    const id = name.toLowerCase();
    const entry: Entry = entries.get(id) ?? { marks: [], place };
    const before = entries.get(id);
    if (before !== undefined && isNormal !== (before.marks.length === 0)) {
      issues.error(`${id} is normal in this line or line ${before.place.line} and abnormal in the other`, place);
      continue;
    }
    entries.set(id, entry);
    if (abnormality === undefined || grade === undefined) continue;
    entry.marks.push({ findings: [abnormality, grade], region: circleOf(circle, place, issues), place });
  }
  return entries;
}

/**
 * The circle from its centre, whole pixels counted from the bottom left corner, and its radius. Undefined where the row has
 * none, or says in a note why.
 */
function circleOf(written: readonly string[], place: IssuePlace, issues: IssueList): CircleRegion | undefined {
  if (written.length === 0 || written[0]?.startsWith('*') === true) return undefined;
  const [x = NaN, y = NaN, radius = NaN] = written.map((cell) => (/^\d{1,4}$/.test(cell) ? Number(cell) : NaN));
  if (x >= 0 && y >= 0 && radius > 0) return { kind: 'circle', x: x + 0.5, y: SIDE - 1 - y + 0.5, radius };
  issues.error(`the circle "${written.join(' ')}" should be x, y and radius in pixels`, place);
  return undefined;
}
