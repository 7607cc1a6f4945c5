import type { CurvePoint } from '../report/curves.js';
import type { PageChart, PageSeries, PageTable, PageTraining } from '../report/page/content.js';
import { dashes } from '../report/page/page.js';
import type { EpochRecord } from '../train/events.js';

/** The epochs of one run. */
export interface TrainedRun {
  readonly name: string;
  readonly records: readonly EpochRecord[];
}

/** At most so many epochs become rows of a table. */
const ROWS = 12;

/**
 * A panel per method, their losses on one scale; methods without records are left out.
 *
 * @param classes How many there are: a loss of twice that of guessing is the most that is shown.
 */
export function trainingPanels(
  methods: readonly { readonly name: string; readonly runs: readonly TrainedRun[] }[],
  classes: number,
): PageTraining[] {
  const all = methods.flatMap(({ runs }) => runs.flatMap(({ records }) => records));
  const highest = (of: (record: EpochRecord) => number | null): number =>
    Math.max(0, ...all.map((one) => finite(of(one))));
  const top = Math.max(
    highest((one) => one.localizerLoss),
    highest((one) => one.classifierLoss),
    highest((one) => one.validationLoss),
  );
  const epochs = highest((one) => one.epoch);
  // One loss far off, of a validation gone wrong, would flatten all others.
  const yRange: readonly [number, number] = [0, Math.max(0.1, Math.min(top, 2 * Math.log(classes)))];
  const xRange: readonly [number, number] = [0, Math.max(1, epochs)];
  return methods.flatMap(({ name, runs }, method) => {
    const shown = runs.filter(({ records }) => records.length > 0);
    const [first] = shown;
    if (first === undefined) return [];
    const draw = (dash: string, of: (record: EpochRecord) => number | null): PageSeries[] =>
      shown.flatMap(({ records }, i) => {
        const points = records.map((record): CurvePoint => ({ x: record.epoch, y: of(record) ?? Number.NaN }));
        if (!points.some(({ y }) => Number.isFinite(y))) return [];
        return [{ method, dash, further: i > 0, points }];
      });
    const losses: PageChart = {
      title: `${name}: losses`,
      alt: describeLosses(name, first),
      xLabel: '',
      yLabel: 'loss',
      xRange,
      yRange,
      series: [
        ...draw(dashes.validation, (one) => one.validationLoss),
        ...draw(dashes.classifier, (one) => one.classifierLoss),
        ...draw(dashes.localizer, (one) => one.localizerLoss),
      ],
    };
    const alpha: PageChart = {
      title: `${name}: alpha`,
      alt: describeAlpha(name, first),
      xLabel: 'epoch',
      yLabel: 'alpha',
      xRange,
      yRange: [0, 1],
      series: draw('', (one) => one.alpha),
    };
    const aucs = draw(dashes.validation, (one) => one.validationAuc);
    const validation: PageChart = {
      title: `${name}: validation AUC`,
      alt: `AUC of ${name} on the validation part after each epoch; the last is ${last(first)?.validationAuc?.toFixed(3) ?? 'unknown'}.`,
      xLabel: '',
      yLabel: 'AUC',
      xRange,
      yRange: [0, 1],
      series: aucs,
    };
    return [
      { method: name, losses, alpha, ...(aucs.length === 0 ? {} : { validation }), table: epochTable(name, first) },
    ];
  });
}

function describeLosses(method: string, { name, records }: TrainedRun): string {
  const [begin, end] = [records[0], records.at(-1)];
  if (begin === undefined || end === undefined) return `${method} has no epochs.`;
  const localizer = `localizer from ${begin.localizerLoss.toFixed(3)} to ${end.localizerLoss.toFixed(3)}`;
  const classifier =
    begin.classifierLoss === null || end.classifierLoss === null
      ? ''
      : `, classifier from ${begin.classifierLoss.toFixed(3)} to ${end.classifierLoss.toFixed(3)}`;
  return `Training losses of ${method}, ${name}, over ${records.length} epochs: ${localizer}${classifier}.`;
}

function describeAlpha(method: string, { records }: TrainedRun): string {
  const [begin, end] = [records[0], records.at(-1)];
  if (begin === undefined || end === undefined || begin.alpha === end.alpha)
    return `alpha of ${method} over the epochs: always ${begin?.alpha ?? 1}.`;
  const step = records.find(({ alpha }) => alpha !== begin.alpha);
  return `alpha of ${method} over the epochs: ${begin.alpha} at first, changing from epoch ${step?.epoch}, ${end.alpha} at the end.`;
}

function epochTable(method: string, { name, records }: TrainedRun): PageTable {
  const stride = Math.max(1, Math.ceil(records.length / ROWS));
  const chosen = records.filter(({ epoch }, i) => epoch % stride === 0 || i === 0 || i === records.length - 1);
  const columns: (readonly [string, (record: EpochRecord) => number | null, number])[] = [
    ['alpha', (one) => one.alpha, 2],
    ['Localizer loss', (one) => one.localizerLoss, 3],
    ['Classifier loss', (one) => one.classifierLoss, 3],
    ['Validation loss', (one) => one.validationLoss, 3],
    ['Validation AUC', (one) => one.validationAuc, 3],
  ];
  const kept = columns.filter(([, of]) => records.some((record) => of(record) !== null));
  return {
    caption: `Training of ${method}, ${name}`,
    columns: [{ name: 'Epoch' }, ...kept.map(([column]) => ({ name: column, numeric: true }))],
    rows: chosen.map((record) => [
      String(record.epoch),
      ...kept.map(([, of, digits]) => of(record)?.toFixed(digits) ?? '-'),
    ]),
  };
}

function last({ records }: TrainedRun): EpochRecord | undefined {
  return records.at(-1);
}

function finite(value: number | null): number {
  return value !== null && Number.isFinite(value) ? value : 0;
}
