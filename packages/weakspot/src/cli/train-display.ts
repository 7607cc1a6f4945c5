import type { TrainEvent } from '../train/index.js';
import { expectTime } from './expected-time.js';
import type { EventDisplay } from './follow.js';
import { type ProgressDisplay, startProgress } from './progress.js';
import { type Terminal, formatDuration, reportIssues, reportNotes } from './terminal.js';

/**
 * Shows a training's events to a person, on standard error; no progress any more once the signal fires.
 * @param following Trainings like it that follow.
 */
export function createTrainDisplay(terminal: Terminal, signal: AbortSignal, following = 0): EventDisplay<TrainEvent> {
  let progress: ProgressDisplay | undefined;
  let preparing = false;
  let hasTestPart = true;
  let steps = 0;
  let allSteps = 0;
  let provider = '';
  let validated = 0;
  let time = expectTime(0);
  const stop = (): void => {
    progress?.stop();
    progress = undefined;
  };
  const start = (label: string, total: number): ProgressDisplay => {
    stop();
    return (progress = startProgress(terminal, label, total, signal));
  };
  const line = (text: string): void => (progress?.log ?? terminal.err)(text);

  const show = (event: TrainEvent): void => {
    switch (event.type) {
      case 'data':
        hasTestPart = event.images.test > 0;
        validated = event.images.validation / event.images.train;
        reportIssues(event.issues, terminal);
        terminal.err(describeData(event));
        break;
      case 'device':
        reportNotes(event.notes, terminal);
        provider = `${event.provider} (${event.name})`;
        break;
      case 'init':
        for (const said of describeInit(event)) terminal.err(said);
        break;
      case 'prepare':
        if (!preparing) start('preparing images', event.total);
        preparing = true;
        reportIssues(event.issues, { ...terminal, err: line });
        progress?.update(event.done, `${event.decoded} decoded`);
        break;
      case 'start':
        stop();
        steps = event.steps;
        terminal.err(describeStart(event, provider));
        allSteps = event.epochs * steps;
        time = expectTime(validated, following);
        start('training', allSteps);
        break;
      case 'step': {
        const done = (event.epoch - 1) * steps + event.step;
        const expected = time.step(done, allSteps);
        if (expected !== undefined) line(expected);
        progress?.update(done, describeStep(event));
        break;
      }
      case 'epoch':
        line(describeEpoch(event.record));
        break;
      case 'checkpoint':
        break;
      case 'stopped':
        stop();
        terminal.err(`stopped in epoch ${event.epoch + 1} after step ${event.step}`);
        terminal.err(`continue with: weakspot train --out ${quoted(event.run)} --resume`);
        break;
      case 'done':
        stop();
        terminal.err(`done: ${event.run}`);
        terminal.err(`next: weakspot evaluate ${quoted(event.run)}${hasTestPart ? '' : ' --data TEST-DATA'}`);
        break;
    }
  };
  return { show, stop };
}

/** A path as a shell takes it. */
function quoted(path: string): string {
  return /^[\w./:\\~+=@%,-]+$/.test(path) ? path : `"${path}"`;
}

function describeData(event: Extract<TrainEvent, { type: 'data' }>): string {
  const { train, validation, test } = event.images;
  const others = event.otherFormats.length === 0 ? '' : ` (or, with --format, ${event.otherFormats.join(', ')})`;
  return (
    `${event.dataset}: read as ${event.format}${others}; classes ${event.classes.join(', ')} (${event.multiLabel === true ? 'an image may have several' : `positive: ${event.positive}`}); ` +
    `${train} training, ${validation} validation, ${test} test images`
  );
}

type StartEvent = Extract<TrainEvent, { type: 'start' }>;

function describeStart({ parameters, steps, epoch }: StartEvent, provider: string): string {
  const resumed = epoch > 0 ? `, resumed after epoch ${epoch}` : '';
  return `${parameters.toLocaleString('en')} parameters, ${steps} steps an epoch on ${provider}${resumed}`;
}

function describeStep(event: Extract<TrainEvent, { type: 'step' }>): string {
  const { epoch, classifierLoss, localizerLoss, alpha, imagesPerSecond, secondsLeft } = event;
  const heads =
    classifierLoss === null
      ? `loss ${localizerLoss.toFixed(3)}`
      : `loss cls ${classifierLoss.toFixed(3)} loc ${localizerLoss.toFixed(3)} alpha ${alpha.toFixed(2)}`;
  return `epoch ${epoch} ${heads} ${imagesPerSecond.toFixed(0)} images/s, ${formatDuration(secondsLeft)} left`;
}

function describeEpoch(record: Extract<TrainEvent, { type: 'epoch' }>['record']): string {
  const { epoch, alpha, classifierLoss, localizerLoss, validationLoss, validationAuc, imagesPerSecond } = record;
  const parts = [
    `epoch ${String(epoch).padStart(3)}`,
    `alpha ${alpha.toFixed(2)}`,
    ...(classifierLoss === null ? [] : [`classifier ${classifierLoss.toFixed(4)}`]),
    `localizer ${localizerLoss.toFixed(4)}`,
    ...(validationLoss === null
      ? []
      : [`validation ${validationLoss.toFixed(4)} AUC ${validationAuc?.toFixed(3) ?? '-'}`]),
    `${imagesPerSecond.toFixed(0)} images/s`,
  ];
  return parts.join('  ');
}

/** By layer: those whose weights are all taken, those drawn, and what of the other model is not used. */
function describeInit({ path, sha256, taken, drawn, unused }: Extract<TrainEvent, { type: 'init' }>): string[] {
  const layersOf = (names: readonly string[]): string =>
    [...new Set(names.map((name) => name.replace(/\.[^.]*$/, '')))].join(', ');
  return [
    `starts from ${path} (weights ${sha256.slice(0, 12)}): takes ${layersOf(taken)}`,
    ...(drawn.length === 0
      ? []
      : [`  initialized at random, as the other model has none of this shape:  ${layersOf(drawn)}`]),
    ...(unused.length === 0 ? [] : [`  not taken, as this network has none of this shape:  ${layersOf(unused)}`]),
  ];
}
