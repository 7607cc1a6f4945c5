import { methodNames } from '@weakspot/core';
import { Command, Option } from 'commander';
import { type ClaimedFolder, claimRunFolder } from '../run/run-name.js';
import { train } from '../train/index.js';
import { chooser } from './chosen.js';
import { follow } from './follow.js';
import type { Terminal } from './terminal.js';
import { createTrainDisplay } from './train-display.js';
import { type TrainFlags, makeRequest } from './train-request.js';
import {
  acceptChangesOption,
  configOption,
  dataOptions,
  divisionOptions,
  machineOptions,
  methodName,
  networkOptions,
  presetOption,
  setOption,
  tensorboardOption,
} from './training-options.js';
import { cacheOption, cacheSizeOption, noCacheOption, wholeNumber } from './values.js';

export function trainCommand(terminal: Terminal, done: (code: number) => void): Command {
  const command = new Command('train')
    .summary('train a classifier and localizer from image-level labels')
    .description(
      'Trains on a folder with one sub-folder per class, a folder with labels.csv, or a CSV file, and leaves a run folder with ' +
        'config.json, metrics.jsonl, checkpoints/ and model.onnx. Settings that are not given are chosen to suit the data set ' +
        'and printed. --set overrides the other options, these override --config, and that overrides --preset.',
    )
    .argument('[data]', 'data set to train on')
    .option('-o, --out <folder>', 'run folder to write (default: runs/DATA-N), or to continue: --resume')
    .addOption(configOption())
    .addOption(presetOption())
    .addOption(new Option('-m, --method <name>', `one of ${methodNames.join(', ')}`).argParser(methodName));
  for (const option of networkOptions()) command.addOption(option);
  command.option('--seed <n>', 'seed for everything random', wholeNumber(0));
  for (const option of machineOptions()) command.addOption(option);
  for (const option of divisionOptions()) command.addOption(option);
  command
    .option('--folds <n>', 'instead: N folds by patient, one of them (--fold) for testing', wholeNumber(2))
    .option('--fold <k>', 'the fold for testing, from 0', wholeNumber(0));
  for (const option of dataOptions()) command.addOption(option);
  return command
    .addOption(setOption())
    .option('-d, --data <path>', 'data set, instead of the argument; with --resume, where the data of the run are now')
    .addOption(acceptChangesOption())
    .option('--resume', 'continue the run in --out')
    .option('--force', 'start over, replacing the run in --out')
    .addOption(cacheOption())
    .addOption(noCacheOption())
    .addOption(cacheSizeOption())
    .addOption(tensorboardOption())
    .option('--json', 'write every event as a line of JSON to standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  weakspot train films/\n  weakspot train films/ --preset small --out runs/first\n  weakspot train tbx11k-halves/ --config examples/tbx11k-halves.yaml --method AvePool --out runs/avepool\n  weakspot train --out runs/first --resume',
    )
    .action(async (data: string | undefined, flags: TrainFlags) => done(await runTrain(data, flags, terminal)));
}

async function runTrain(data: string | undefined, flags: TrainFlags, terminal: Terminal): Promise<number> {
  const json = flags.json === true;
  let claimed: ClaimedFolder | undefined;
  try {
    const request = await makeRequest(data, flags, {
      chooser: chooser(terminal, json),
      claim: async (path) => (claimed = await claimRunFolder(path)).path,
    });
    return await follow((signal) => train(request, { signal }), {
      terminal,
      json,
      display: (signal) => createTrainDisplay(terminal, signal),
    });
  } finally {
    await claimed?.dispose();
  }
}
