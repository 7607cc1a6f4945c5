import {
  type CompareEvent,
  type RunPlace,
  comparisonWarnings,
  differenceLegend,
  differenceTable,
  hitRateLegend,
  hitRateTable,
  paperLegend,
  paperTable,
} from '../compare/index.js';
import type { Comparison } from '../compare/index.js';
import { describeTest } from '../compare/tables.js';
import { nameOfRun } from '../compare/warnings.js';
import { TEXT_WIDTH, wrapText } from '../report/index.js';
import type { TrainEvent } from '../train/index.js';
import type { EventDisplay } from './follow.js';
import { type ProgressDisplay, startProgress } from './progress.js';
import { type Terminal, countOf, reportIssues } from './terminal.js';
import { createTrainDisplay } from './train-display.js';

/** Shows a comparison's events to a person, on standard error; no progress any more once the signal fires. */
export function createCompareDisplay(terminal: Terminal, signal: AbortSignal): EventDisplay<CompareEvent> {
  let progress: ProgressDisplay | undefined;
  let shown = '';
  let training: EventDisplay<TrainEvent> | undefined;
  const stop = (): void => {
    training?.stop();
    training = undefined;
    progress?.stop();
    progress = undefined;
    shown = '';
  };
  /** The progress under this label, which goes on as long as it is asked for. */
  const under = (label: string, total: number): ProgressDisplay => {
    if (progress === undefined || shown !== label) {
      stop();
      progress = startProgress(terminal, label, total, signal);
      shown = label;
    }
    return progress;
  };

  const show = (event: CompareEvent): void => {
    switch (event.type) {
      case 'plan':
        reportIssues(event.issues, terminal);
        for (const line of describePlan(event)) terminal.err(line);
        break;
      case 'run':
        stop();
        terminal.err(describeRun(event));
        break;
      case 'train':
        // What it trains on is that of all runs, and where it goes on is for the comparison to say.
        if (['data', 'stopped', 'done'].includes(event.event.type)) break;
        training ??= createTrainDisplay(terminal, signal, event.run.total - event.run.number);
        training.show(event.event);
        break;
      case 'trained':
        stop();
        break;
      case 'evaluate':
        under(`testing ${nameOf(event.run)} on ${event.test}`, event.total).update(event.done);
        break;
      case 'issues':
        reportIssues(event.issues, { ...terminal, err: progress?.log ?? terminal.err });
        break;
      case 'evaluated':
        break;
      case 'resample':
        under('resampling', event.total).update(event.done);
        break;
      case 'stopped':
        stop();
        terminal.err('stopped: finished work is kept; run the same command again to continue');
        break;
      case 'done':
        stop();
        for (const line of describeComparedWarnings(event.comparison)) terminal.err(line);
        for (const file of event.files) terminal.err(`wrote ${file}`);
        break;
    }
  };
  return { show, stop };
}

/** The result, as text, no line of it longer than 120 columns. */
export function describeComparison(comparison: Comparison): string {
  const isCompared = comparison.methods.length > 1;
  const ofTests = comparison.tests.flatMap(({ name }) => [
    `${describeTest(comparison, name)}\n\n${hitRateTable(comparison, name)}\n${wrapText(hitRateLegend)}`,
    ...(isCompared ? [`${differenceTable(comparison, name)}\n${wrapText(differenceLegend(comparison))}`] : []),
  ]);
  return [`${paperTable(comparison)}\n${wrapText(paperLegend)}`, ...ofTests].join('\n\n');
}

/** Lines that say what to know before the numbers are believed. */
export function describeComparedWarnings(comparison: Comparison): string[] {
  return comparison.tests.flatMap(({ name }) =>
    comparisonWarnings(comparison, name).map(({ text }) => wrapText(`warning: ${name}: ${text}`, TEXT_WIDTH, '  ')),
  );
}

function describePlan({
  dataset,
  methods,
  seeds,
  folds,
  parts,
  tests,
  runs,
}: Extract<CompareEvent, { type: 'plan' }>): string[] {
  const [first = { train: 0, validation: 0, test: 0 }] = parts;
  const { train, validation, test } = first;
  const times = folds === null ? countOf(seeds.length, 'seed') : countOf(folds, 'fold');
  const divided = folds === null ? '' : ' in the first fold';
  return [
    `${dataset}: ${train} training, ${validation} validation, ${test} test images${divided}`,
    `${countOf(runs, 'run')}: ${methods.join(', ')} with ${times} each`,
    ...tests.map(
      ({ name, path, images }) => `test set ${name}: ${countOf(images, 'image')}${path === null ? '' : ` of ${path}`}`,
    ),
  ];
}

function describeRun({ run, state, trainedAs }: Extract<CompareEvent, { type: 'run' }>): string {
  const kept = { new: '', begun: ', resumed', finished: ', trained before' }[state];
  const shared = trainedAs === undefined ? kept : `, trained as ${trainedAs}: another map is read`;
  return `run ${run.number} of ${run.total}: ${nameOf(run)}${shared}`;
}

function nameOf(run: RunPlace): string {
  return nameOfRun(run, true);
}
