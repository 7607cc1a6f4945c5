import { readCsv } from '../csv.js';
import type { Split } from '../dataset.js';
import type { IssueList, IssuePlace } from '../issues.js';

/** An abnormality of CBIS-DDSM: a row of its tables. */
export interface CbisRow {
  /** `Mass-Training_P_00001_LEFT_CC`: the folder of the film. */
  readonly film: string;
  /** `P_00001_LEFT_CC`: the same for the film's copies, one with its masses and one with its calcifications. */
  readonly image: string;
  readonly patient: string;
  /** `L-CC`. */
  readonly view: string;
  readonly split: Split;
  /** Number of the abnormality on its film, as in the name of its folder. */
  readonly number: string;
  /** `mass` or `calcification`, and pathologies. */
  readonly findings: readonly string[];
  /** Series of the film and of the abnormality's mask and crop, as of the files' folders. */
  readonly series: { readonly film: string | undefined; readonly region: readonly string[] };
  readonly place: IssuePlace;
}

const TABLE = /(^|\/)(mass|calc)_case_description_(train|test)_set\.csv$/i;
const PATHOLOGIES: ReadonlyMap<string, readonly string[]> = new Map([
  ['MALIGNANT', ['malignant']],
  ['BENIGN', ['benign']],
  ['BENIGN_WITHOUT_CALLBACK', ['benign', 'benign without callback']],
]);
const KINDS = { mass: ['Mass', 'mass'], calc: ['Calc', 'calcification'] } as const;
const PARTS = { train: 'Training', test: 'Test' } as const;
const REQUIRED = ['patient_id', 'left or right breast', 'image view', 'abnormality id', 'pathology'] as const;
const PATHS = ['image file path', 'cropped image file path', 'roi mask file path'] as const;

export const CBIS_FINDINGS: readonly string[] = [
  ...new Set([...PATHOLOGIES.values()].flat()),
  ...Object.values(KINDS).map(([, finding]) => finding),
];

export function isCbisTable(name: string): boolean {
  return TABLE.test(name);
}

/** Reads `mass_case_description_train_set.csv` or one of the three others; which one it is says its name. */
export async function readCbisTable(file: string, issues: IssueList): Promise<CbisRow[]> {
  const [, , kind = 'mass', part = 'train'] = TABLE.exec(file.replaceAll('\\', '/')) ?? [];
  const [prefix, finding] = KINDS[kind.toLowerCase() as keyof typeof KINDS];
  const split = part.toLowerCase() as keyof typeof PARTS;
  const rows = await readCsv(file, REQUIRED, PATHS, issues);
  return rows.flatMap(({ line, cells }): CbisRow[] => {
    const place = { file, line };
    const {
      patient_id: patient,
      pathology,
      'abnormality id': number,
    } = cells as Record<(typeof REQUIRED)[number], string>;
    const side = (cells['left or right breast'] as string).toUpperCase();
    const view = (cells['image view'] as string).toUpperCase();
    const found = PATHOLOGIES.get(pathology.toUpperCase());
    const wrong =
      side !== 'LEFT' && side !== 'RIGHT'
        ? ('left or right breast' as const)
        : view !== 'CC' && view !== 'MLO'
          ? ('image view' as const)
          : found === undefined
            ? ('pathology' as const)
            : undefined;
    if (wrong !== undefined || found === undefined) {
      const field = wrong ?? 'pathology';
      issues.error(`"${cells[field]}" is not one of this set`, { ...place, field });
      return [];
    }
    const image = `${patient}_${side}_${view}`;
    const [film, crop, mask] = PATHS.map((column) => seriesOf(cells[column]));
    return [
      {
        film: `${prefix}-${PARTS[split]}_${image}`,
        image,
        patient,
        view: `${side.charAt(0)}-${view}`,
        split,
        number,
        findings: [finding, ...found],
        series: { film, region: [crop, mask].filter((series) => series !== undefined) },
        place,
      },
    ];
  });
}

/** `folder/study/series/000000.dcm`. */
function seriesOf(path: string | undefined): string | undefined {
  const series = path?.split('/').at(-2);
  return series !== undefined && /^\d+(\.\d+)+$/.test(series) ? series : undefined;
}
