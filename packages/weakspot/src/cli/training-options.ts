/** Options that the verbs which train have in common. */
import { methodNames, networkNames } from '@weakspot/core';
import { InvalidArgumentError, Option } from 'commander';
import { didYouMean } from '../data/suggest.js';
import { type PartialConfig, mergeConfigs } from '../run/config.js';
import { presetNames, presets } from '../run/presets.js';
import { parseSetting } from './config-file.js';
import { formatOption, inputSize, namedDevice, positiveNumber, splitShares, wholeNumber } from './values.js';

export function configOption(): Option {
  return new Option('-c, --config <file>', 'configuration in YAML');
}

export function presetOption(): Option {
  const listed = presetNames.map((name) => `${name} (${presets[name].description})`).join('; ');
  const what = `settings tested together, instead of those that suit the data set: ${listed}`;
  return new Option('--preset <name>', what).argParser((text) => {
    const name = presetNames.find((known) => known === text.toLowerCase());
    if (name !== undefined) return name;
    const list = presetNames.map((known) => `  ${known}: ${presets[known].description}`).join('\n');
    throw new InvalidArgumentError(`There is no such preset${didYouMean(text, presetNames)}. There are:\n${list}`);
  });
}

/** What is trained, and how long. */
export function networkOptions(): Option[] {
  return [
    new Option('--network <name>', 'network').choices(networkNames),
    new Option('--size <pixels>', 'network input: a side, or WIDTHxHEIGHT').argParser(inputSize),
    new Option('--epochs <n>', 'passes over the training part').argParser(wholeNumber(1)),
    new Option('--batch <n>', 'images per minibatch').argParser(wholeNumber(1)),
    new Option('--learning-rate <x>', 'learning rate').argParser(positiveNumber),
    new Option('--init <model>', 'start from the weights of a run, a checkpoint file or a model.onnx'),
  ];
}

export function machineOptions(): Option[] {
  return [
    new Option('--threads <n>', 'threads of the engine (default: all cores)').argParser(wholeNumber(1)),
    namedDevice(new Option('--device <name>', 'device to compute on (default: cpu)')),
  ];
}

/** Into which parts the data are divided. */
export function divisionOptions(): Option[] {
  return [
    new Option('--split <shares>', 'training:validation:test by patient, such as 8:1:1, or training:test').argParser(
      splitShares,
    ),
    new Option('--split-file <file>', 'instead: CSV file,split or file,fold, or the split.json of a run'),
    new Option('--split-seed <n>', 'seed of the division (default: that of the run)').argParser(wholeNumber(0)),
  ];
}

/** How the data are read. */
export function dataOptions(): Option[] {
  return [
    formatOption(),
    new Option('--images <folder>', 'folder of the images that a CSV names'),
    new Option('--boxes <file>', 'CSV with ground truth boxes (used for testing only)'),
    new Option('--positive <class>', 'the positive class, if it cannot be inferred'),
    new Option('--strict', 'stop at an unreadable image instead of leaving it out'),
  ];
}

export function acceptChangesOption(): Option {
  return new Option('--accept-changes', 'continue even though labels or images have changed since training began');
}

export function tensorboardOption(): Option {
  return new Option('--tensorboard', 'write event files for TensorBoard into the run folder');
}

export function setOption(): Option {
  const what = 'any configuration key, such as optimizer.momentum=0.95 (repeatable)';
  return new Option('--set <key=value>', what).argParser((text: string, before: PartialConfig | undefined) =>
    mergeConfigs(before ?? {}, parseSetting(text)),
  );
}

/** A method's name in any case. */
export function methodName(text: string): string {
  const name = methodNames.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
  if (name === undefined) throw new InvalidArgumentError(`The methods are ${methodNames.join(', ')}.`);
  return name;
}
