import { parse } from 'csv-parse/sync';
import { firstBytes } from './peek.js';

const HEAD = 65536;

/** The beginning of a table: its header's names and whole rows, trimmed; nothing of a file that can't be read. */
export async function headOf(
  path: string,
): Promise<{ header: readonly string[]; rows: readonly (readonly string[])[] }> {
  const bytes = await firstBytes(path, HEAD);
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  const lines = new TextDecoder(encoding)
    .decode(bytes)
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '');
  // The last line may be cut.
  if (bytes.length === HEAD) lines.pop();
  if (/^"?sep=/i.test(lines[0] ?? '')) lines.shift();
  const [header = [], ...rows] = lines.map(cellsOf);
  return { header, rows };
}

function cellsOf(line: string): readonly string[] {
  try {
    const [cells]: unknown[] = parse(line, { delimiter: [',', ';', '\t'], trim: true });
    return Array.isArray(cells) ? cells.map(String) : [];
  } catch {
    return [];
  }
}

/**
 * The names of a table's columns, in small letters, as `readCsv` takes them; none where the file can't be read. Only its
 * beginning is looked at.
 */
export async function columnsOf(path: string): Promise<readonly string[]> {
  const { header } = await headOf(path);
  return header.map((name) => name.toLowerCase());
}

/** Names that tables have for what is asked for, without blanks and signs between their words; the surer ones first. */
export const ALIASES = {
  file: [
    'file',
    'filename',
    'filepath',
    'imagefile',
    'imagefilename',
    'imagepath',
    'dicomfile',
    'dicompath',
    'dicom',
    'dcm',
    'path',
    'image',
    'imageid',
    'imagename',
    'img',
  ],
  instance: ['sopinstanceuid', 'sopuid', 'sop', 'instanceuid', 'uid'],
  series: ['seriesinstanceuid', 'seriesuid'],
  study: ['studyinstanceuid', 'studyuid'],
  patient: ['patient', 'patientid', 'subject', 'subjectid', 'pid', 'caseid', 'case'],
  label: [
    'label',
    'class',
    'classname',
    'target',
    'diagnosis',
    'finding',
    'category',
    'labelname',
    'findingname',
    'result',
  ],
  split: ['split', 'subset', 'partition', 'set'],
  xmin: ['xmin', 'x1', 'xtl', 'left'],
  ymin: ['ymin', 'y1', 'ytl', 'top'],
  xmax: ['xmax', 'x2', 'xbr', 'right'],
  ymax: ['ymax', 'y2', 'ybr', 'bottom'],
  width: ['width', 'imagewidth', 'imgwidth'],
  height: ['height', 'imageheight', 'imgheight'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** The column that holds what is asked for, as it is named. */
export function columnFor(what: keyof typeof ALIASES, columns: readonly string[]): string | undefined {
  for (const alias of ALIASES[what]) {
    const found = columns.find((column) => column.replaceAll(/[\s_.-]+/g, '') === alias);
    if (found !== undefined) return found;
  }
  return undefined;
}
