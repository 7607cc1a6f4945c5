import { devices, methodNames, networkNames } from '@weakspot/core';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type PartialConfig, mergeConfigs } from '../run/config.js';
import { train } from '../train/index.js';
import { parseSetting } from './config-file.js';
import { interruptSignal } from './interrupt.js';
import { type Terminal, exitCodes } from './terminal.js';
import { createTrainDisplay } from './train-display.js';
import { type TrainFlags, makeRequest } from './train-request.js';
import { byteSize, formatOption, inputSize, positiveNumber, splitShares, wholeNumber } from './values.js';

export function trainCommand(terminal: Terminal, done: (code: number) => void): Command {
  return new Command('train')
    .summary('train a classifier and localizer from image-level labels')
    .description(
      'Trains on a folder with one sub-folder per class, a folder with labels.csv, or a CSV file, and leaves a run folder with ' +
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
    .option('--learning-rate <x>', 'learning rate', positiveNumber)
    .option('--seed <n>', 'seed of everything random', wholeNumber(0))
    .option('--threads <n>', 'threads of the engine (default: all cores)', wholeNumber(1))
    .addOption(new Option('--device <name>', 'what the engine computes on (default: cpu)').choices(devices))
    .addOption(formatOption())
    .option('--split <shares>', 'training:validation:test by patient, such as 8:1:1, or training:test', splitShares)
    .option('--folds <n>', 'instead: folds by patient, one of them (--fold) for testing', wholeNumber(2))
    .option('--fold <k>', 'the fold for testing, from 0', wholeNumber(0))
    .option('--split-file <file>', 'instead: CSV file,split or file,fold, or the split.json of a run')
    .option('--split-seed <n>', 'seed of the division (default: that of the run)', wholeNumber(0))
    .option('--images <folder>', 'folder of the images that a CSV names')
    .option('--boxes <file>', 'CSV with ground truth boxes (used for testing only)')
    .option('--positive <class>', 'the positive class, if it cannot be told')
    .option('--strict', 'stop at an unreadable image instead of leaving it out')
    .option('--set <key=value>', 'any configuration key, such as optimizer.momentum=0.95 (repeatable)', addSetting)
    .option('--resume', 'go on with the run in --out')
    .option('--force', 'start anew over the run in --out')
    .option('--cache <folder>', 'cache of decoded, resized images (default: ~/.cache/weakspot)')
    .option('--no-cache', 'decode every image in every run')
    .option('--cache-size <size>', 'what the cache may hold: images used longest ago go first (default: 20G)', byteSize)
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
  const display = createTrainDisplay(terminal, interrupt.signal);
  let code: number = exitCodes.done;
  try {
    for await (const event of train(request, { signal: interrupt.signal })) {
      if (flags.json === true) terminal.out(JSON.stringify(event));
      display.show(event);
      if (event.type === 'stopped') code = exitCodes.interrupted;
    }
  } finally {
    display.stop();
    interrupt.dispose();
  }
  return code;
}

function methodName(text: string): string {
  const name = methodNames.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
  if (name === undefined) throw new InvalidArgumentError(`The methods are ${methodNames.join(', ')}.`);
  return name;
}

function addSetting(text: string, before: PartialConfig | undefined): PartialConfig {
  return mergeConfigs(before ?? {}, parseSetting(text));
}
