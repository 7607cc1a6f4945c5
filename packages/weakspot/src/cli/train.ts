import { availableParallelism } from 'node:os';
import { networkNames, methodNames, WeakspotError } from '@weakspot/core';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type PartialConfig, mergeConfigs, resolveConfig } from '../run/config.js';
import { type TrainEvent, type TrainingRequest, train } from '../train/index.js';
import { parseSetting, readConfigFile } from './config-file.js';
import { interruptSignal } from './interrupt.js';
import {
  type ProgressDisplay,
  type Terminal,
  exitCodes,
  formatDuration,
  reportIssues,
  startProgress,
} from './terminal.js';
import { cacheFolder, inputSize, numberBetween, splitShares, wholeNumber } from './values.js';

interface TrainFlags {
  out?: string;
  config?: string;
  method?: string;
  network?: string;
  size?: { width: number; height: number };
  epochs?: number;
  batch?: number;
  learningRate?: number;
  seed?: number;
  threads?: number;
  split?: { train: number; validation: number; test: number };
  images?: string;
  boxes?: string;
  positive?: string;
  strict?: boolean;
  set: PartialConfig;
  resume?: boolean;
  force?: boolean;
  cache: string | boolean | undefined;
  json?: boolean;
}

export function trainCommand(terminal: Terminal, done: (code: number) => void): Command {
  return new Command('train')
    .summary('train a classifier and localizer from image-level labels')
    .description(
      'Trains on a folder with one sub-folder per class, a folder with labels.csv, or a CSV file, and leaves a run folder with\n' +
        'config.json, metrics.jsonl, checkpoints/ and model.onnx. Settings come from --config, then --set and the other options.',
    )
    .argument('[data]', 'data set to train on')
    .option('-o, --out <folder>', 'run folder to write (or to go on with: --resume)')
    .option('-c, --config <file>', 'configuration in YAML')
    .addOption(new Option('-m, --method <name>', `one of ${methodNames.join(', ')}`).argParser(methodName))
    .addOption(new Option('--network <name>', 'network').choices(networkNames))
    .option('--size <pixels>', 'network input: a side, or WIDTHxHEIGHT', inputSize)
    .option('--epochs <n>', 'passes over the training part', wholeNumber(1))
    .option('--batch <n>', 'images per minibatch', wholeNumber(1))
    .option('--learning-rate <x>', 'learning rate', numberBetween(0, Number.MAX_VALUE))
    .option('--seed <n>', 'seed of everything random', wholeNumber(0))
    .option('--threads <n>', 'threads of the engine (default: all cores)', wholeNumber(1))
    .option('--split <shares>', 'training:validation:test by patient, such as 8:1:1, or training:test', splitShares)
    .option('--images <folder>', 'folder of the images that a CSV names')
    .option('--boxes <file>', 'CSV with ground truth boxes (used for testing only)')
    .option('--positive <class>', 'the positive class, if it cannot be told')
    .option('--strict', 'stop at an unreadable image instead of leaving it out')
    .option(
      '--set <key=value>',
      'any configuration key, such as optimizer.momentum=0.95 (repeatable)',
      addSetting,
      {} as PartialConfig,
    )
    .option('--resume', 'go on with the run in --out')
    .option('--force', 'start anew over the run in --out')
    .option('--cache <folder>', 'cache of decoded, resized images (default: ~/.cache/weakspot)')
    .option('--no-cache', 'decode every image in every run')
    .option('--json', 'write every event as a line of JSON to standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  weakspot train films/ --out runs/first --epochs 40\n  weakspot train --config examples/tbx11k-halves.yaml --method AvePool --out runs/avepool\n  weakspot train --out runs/first --resume',
    )
    .action(async (data: string | undefined, flags: TrainFlags) => done(await runTrain(data, flags, terminal)));
}

async function runTrain(data: string | undefined, flags: TrainFlags, terminal: Terminal): Promise<number> {
  const request = await makeRequest(data, flags);
  const interrupt = interruptSignal(() =>
    terminal.err('stopping: saving after this step (again: stop at once, unsaved)'),
  );
  let display: ProgressDisplay | undefined;
  const show = (next: ProgressDisplay): ProgressDisplay => {
    display?.stop();
    return next;
  };
  let code: number = exitCodes.done;
  let preparing: ProgressDisplay | undefined;
  let steps = 0;
  try {
    for await (const event of train(request, { signal: interrupt.signal })) {
      if (flags.json === true) terminal.out(JSON.stringify(event));
      switch (event.type) {
        case 'data':
          describeData(event, terminal);
          break;
        case 'prepare':
          if (event.issues.length > 0) reportIssues(event.issues, { ...terminal, err: preparing?.log ?? terminal.err });
          preparing ??= display = show(startProgress(terminal, 'preparing images', event.total));
          preparing.update(event.done, `${event.decoded} decoded`);
          break;
        case 'start':
          steps = event.steps;
          terminal.err(
            `${event.parameters.toLocaleString('en')} parameters, ${steps} steps an epoch${event.epoch > 0 ? `, resumed after epoch ${event.epoch}` : ''}`,
          );
          display = show(startProgress(terminal, 'training', event.epochs * steps));
          break;
        case 'step':
          display?.update((event.epoch - 1) * steps + event.step, describeStep(event));
          break;
        case 'epoch':
          display?.log(describeEpoch(event.record));
          break;
        case 'stopped':
          display = show(startProgress(terminal, '', 0));
          terminal.err(
            `stopped in epoch ${event.epoch + 1} after step ${event.step}; go on with: weakspot train --out ${event.run} --resume`,
          );
          code = exitCodes.interrupted;
          break;
        case 'done':
          display?.stop();
          terminal.err(`done: ${event.run}`);
          terminal.err(`next: weakspot evaluate ${event.run}`);
          break;
        case 'checkpoint':
          break;
      }
    }
  } finally {
    display?.stop();
    interrupt.dispose();
  }
  return code;
}

async function makeRequest(data: string | undefined, flags: TrainFlags): Promise<TrainingRequest> {
  if (flags.out === undefined)
    throw new WeakspotError('usage', 'Say where the run goes: --out FOLDER.', { hint: 'For example --out runs/first' });
  const cache = cacheFolder(flags.cache);
  if (flags.resume === true) {
    if (data !== undefined || flags.config !== undefined || flags.force === true) {
      throw new WeakspotError('usage', '--resume takes data and settings from the run: give only --out.');
    }
    return { run: flags.out, cache, resume: true };
  }
  const file = flags.config === undefined ? undefined : await readConfigFile(flags.config);
  const partial = [flagsToConfig(data, flags), flags.set].reduce(mergeConfigs, file?.content ?? {});
  const named = partial.data as { path?: unknown } | undefined;
  if (named?.path === undefined)
    throw new WeakspotError('usage', 'Say what to train on: weakspot train DATA --out FOLDER.', {
      hint: 'DATA is a folder of labelled images or a labels.csv; --help says more.',
    });
  const config = resolveConfig(partial, {
    threads: availableParallelism(),
    source: flags.config ?? 'the command line',
    ...(file === undefined ? {} : { lineOf: file.lineOf }),
  });
  return { run: flags.out, cache, resume: false, config, force: flags.force === true };
}

/** Options as the part of a configuration that they are; what is not given is not there. */
function flagsToConfig(data: string | undefined, flags: TrainFlags): PartialConfig {
  const { method, epochs, batch, seed, threads, size, network, learningRate } = flags;
  return withoutUndefined({
    data: withoutUndefined({
      path: data,
      images: flags.images,
      boxes: flags.boxes,
      positive: flags.positive,
      strict: flags.strict,
      split: flags.split,
    }),
    method,
    network: withoutUndefined({ name: network }),
    preprocessing: size ?? {},
    optimizer: withoutUndefined({ learningRate }),
    epochs,
    batch,
    seed,
    threads,
  });
}

function withoutUndefined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function methodName(text: string): string {
  const name = methodNames.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
  if (name === undefined) throw new InvalidArgumentError(`The methods are ${methodNames.join(', ')}.`);
  return name;
}

function addSetting(text: string, before: PartialConfig): PartialConfig {
  return mergeConfigs(before, parseSetting(text));
}

function describeData(event: Extract<TrainEvent, { type: 'data' }>, terminal: Terminal): void {
  reportIssues(event.issues, terminal);
  const { train: training, validation, test } = event.images;
  terminal.err(
    `${event.dataset}: classes ${event.classes.join(', ')} (positive: ${event.positive}); ${training} training, ${validation} validation, ${test} test images`,
  );
}

function describeStep(event: Extract<TrainEvent, { type: 'step' }>): string {
  const heads =
    event.classifierLoss === null
      ? `loss ${event.localizerLoss.toFixed(3)}`
      : `loss cls ${event.classifierLoss.toFixed(3)} loc ${event.localizerLoss.toFixed(3)} alpha ${event.alpha.toFixed(2)}`;
  return `epoch ${event.epoch} ${heads} ${event.imagesPerSecond.toFixed(0)} images/s, ${formatDuration(event.secondsLeft)} left`;
}

function describeEpoch(record: Extract<TrainEvent, { type: 'epoch' }>['record']): string {
  const classifier = record.classifierLoss === null ? '' : `classifier ${record.classifierLoss.toFixed(4)}  `;
  const validation =
    record.validationLoss === null
      ? ''
      : `  validation ${record.validationLoss.toFixed(4)} AUC ${record.validationAuc?.toFixed(3) ?? '-'}`;
  return `epoch ${String(record.epoch).padStart(3)}  alpha ${record.alpha.toFixed(2)}  ${classifier}localizer ${record.localizerLoss.toFixed(4)}${validation}  ${record.imagesPerSecond.toFixed(0)} images/s`;
}
