import { Command, InvalidArgumentError, Option } from 'commander';
import { compare } from '../compare/index.js';
import { createCompareDisplay, describeComparison } from './compare-display.js';
import { type CompareFlags, makeComparison } from './compare-request.js';
import { chooser } from './chosen.js';
import { follow } from './follow.js';
import { compareSuite } from '../suite/index.js';
import { createSuiteDisplay, describeChosen, describeSuite } from './suite-display.js';
import { makeSuite } from './suite-request.js';
import { type Terminal, exitCodes } from './terminal.js';
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
import { cacheOption, cacheSizeOption, noCacheOption, numberBetween, tolerancePixels, wholeNumber } from './values.js';

export function compareCommand(terminal: Terminal, done: (code: number) => void): Command {
  const command = new Command('compare')
    .summary('train several methods on the same data, test them, and say whether they differ')
    .description(
      'Trains each method with each seed (or on each fold) on the same parts of a data set, then tests all runs and prints ' +
        "the paper's Table 1 with spreads, confidence intervals, and the differences that are more than chance. If it is stopped or " +
        'killed, run the same command again to continue.',
    )
    .argument('[data]', 'data set to train on')
    .option(
      '-o, --out <folder>',
      'folder of the comparison (default: runs/DATA-comparison; of a suite it must be given)',
    )
    .option(
      '-m, --methods <names>',
      'methods, such as AvePool,STL+AvePool (default: the four of the paper)',
      methodList,
    )
    .option('--seeds <list>', 'seeds, such as 0,1,2 (default)', seedList)
    .option('--folds <n>', 'instead of several seeds: test on each of N folds, divided by patient', wholeNumber(2))
    .option('-t, --test <data...>', "test sets, in addition to the data's own test part")
    .option(
      '--suite <file>',
      'instead of one data set: a file with several data sets and the settings to compare on each',
    )
    .addOption(configOption())
    .addOption(presetOption());
  for (const option of [...networkOptions(), ...machineOptions(), ...divisionOptions(), ...dataOptions()]) {
    command.addOption(option);
  }
  return command
    .addOption(setOption())
    .addOption(new Option('--checkpoint <which>', 'checkpoint to test (default: last)').choices(['last', 'best']))
    .option(
      '--tolerance <pixels>',
      "how far outside a box a response still counts as a hit, in pixels of the network's input: X or XxY (default: half the stride)",
      tolerancePixels,
    )
    .option(
      '--resamples <n>',
      'bootstrap resamples of the test images for the intervals (default: 2000)',
      wholeNumber(1),
    )
    .option('--level <x>', 'coverage of the intervals (default: 0.95)', numberBetween(0.5, 0.9999))
    .option(
      '-d, --data <path>',
      'data set, instead of the argument; for a comparison already begun, where its data are now; of a suite, the folder that its paths are relative to',
    )
    .addOption(acceptChangesOption())
    .option('--force', 'start over in --out, removing the runs of the comparison there')
    .addOption(cacheOption())
    .addOption(noCacheOption())
    .addOption(cacheSizeOption())
    .addOption(tensorboardOption())
    .option('--json', 'write every event as a line of JSON to standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  weakspot compare films/\n  weakspot compare films/ --methods AvePool,STL+AvePool --seeds 0,1,2\n  weakspot compare films/ --split 9:1:0 --test hospital-b/ hospital-c/ --methods AvePool,STL+AvePool --out runs/hospitals\n  weakspot compare films/ --folds 5 --methods AvePool,STL+AvePool --out runs/folds\n  weakspot compare --suite suite.yaml --out runs/suite',
    )
    .action(async (data: string | undefined, flags: CompareFlags) => done(await runCompare(data, flags, terminal)));
}

async function runCompare(data: string | undefined, flags: CompareFlags, terminal: Terminal): Promise<number> {
  const json = flags.json === true;
  if (flags.suite !== undefined) return runSuite(flags.suite, data, flags, terminal);
  const request = await makeComparison(data, flags, chooser(terminal, json));
  return follow((signal) => compare(request, { signal }), {
    terminal,
    json,
    display: (signal) => {
      const { show, stop } = createCompareDisplay(terminal, signal);
      return {
        show: (event) => {
          show(event);
          if (event.type === 'done' && !json) terminal.out(describeComparison(event.comparison));
        },
        stop,
      };
    },
  });
}

/** @returns The exit code: `failed` where a set failed. */
async function runSuite(
  file: string,
  data: string | undefined,
  flags: CompareFlags,
  terminal: Terminal,
): Promise<number> {
  const json = flags.json === true;
  const request = await makeSuite(file, data, flags, {
    look: chooser(terminal, json).look,
    tell: (set, chosen) => {
      for (const line of describeChosen(set, chosen)) terminal.err(line);
      if (json) terminal.out(JSON.stringify({ type: 'proposal', set, chosen }));
    },
  });
  let failed = false;
  const code = await follow((signal) => compareSuite(request, { signal }), {
    terminal,
    json,
    display: (signal) => {
      const { show, stop } = createSuiteDisplay(terminal, signal);
      return {
        show: (event) => {
          show(event);
          if (event.type === 'failed') failed = true;
          if (event.type === 'done' && !json) terminal.out(describeSuite(event.suite));
        },
        stop,
      };
    },
  });
  return code === exitCodes.done && failed ? exitCodes.failed : code;
}

function methodList(text: string): string[] {
  return text.split(',').map((name) => methodName(name.trim()));
}

function seedList(text: string): number[] {
  const seeds = text.split(',').map((item) => wholeNumber(0)(item));
  if (new Set(seeds).size < seeds.length) throw new InvalidArgumentError('A seed is given twice.');
  return seeds;
}
