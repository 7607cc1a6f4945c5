import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { devices, localizerMaps, mapChoices } from '@weakspot/core';
import { InvalidArgumentError, Option } from 'commander';
import { formats } from '../data/readers/formats.js';
import { didYouMean } from '../data/suggest.js';

/** Parsers of option values; what they refuse, commander reports with the option's name. */
export function wholeNumber(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < minimum)
      throw new InvalidArgumentError(`Give a whole number of at least ${minimum}.`);
    return value;
  };
}

export function numberBetween(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= low && value <= high))
      throw new InvalidArgumentError(`Give a number from ${low} to ${high}.`);
    return value;
  };
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('Give a number above 0.');
  return value;
}

/** `160` or `320x160` (width x height). */
export function inputSize(text: string): { width: number; height: number } {
  const match = /^(\d+)(?:x(\d+))?$/i.exec(text.trim());
  const [width, height] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (!(width >= 1 && height >= 1))
    throw new InvalidArgumentError('Give a side such as 160, or WIDTHxHEIGHT such as 320x160.');
  return { width, height };
}

/** `16` or `9.4x5`, pixels across and down. */
export function tolerancePixels(text: string): { x: number; y: number } {
  const match = /^(\d+(?:\.\d+)?)(?:x(\d+(?:\.\d+)?))?$/i.exec(text.trim());
  if (match === null) throw new InvalidArgumentError('Give pixels such as 16, or ACROSSxDOWN such as 9.4x5.');
  return { x: Number(match[1]), y: Number(match[2] ?? match[1]) };
}

/** `3:0:1` or `0.75,0,0.25`: shares of training, validation and test; `3:1` is training and test. */
export function splitShares(text: string): { train: number; validation: number; test: number } {
  const shares = text.split(/[:,]/).map((share) => (share.trim() === '' ? Number.NaN : Number(share)));
  const [train = Number.NaN, second = 0, third] = shares;
  const [validation, test] = third === undefined ? [0, second] : [second, third];
  const sum = train + validation + test;
  if (
    shares.length < 2 ||
    shares.length > 3 ||
    !shares.every((share) => share >= 0) ||
    !(train > 0 && sum < Infinity)
  ) {
    throw new InvalidArgumentError('Give shares such as 8:1:1 (training, validation, test) or 3:1 (training, test).');
  }
  return { train: train / sum, validation: validation / sum, test: test / sum };
}

/** `--device`, of a command that keeps no settings. */
export function deviceOption(): Option {
  return namedDevice(new Option('--device <name>', 'device to compute on')).default('cpu');
}

/** Lets an option take the name of a device. */
export function namedDevice(option: Option): Option {
  return option.choices(devices).argParser((text) => {
    if (devices.some((device) => device === text)) return text;
    const graphics = /^(?:gpu|cuda|mps|metal|vulkan|xpu|rocm|nvidia|\d+)(?::?\d+)*(?:,\d+)*$/i.test(text);
    const meant = graphics ? ' A graphics card is webgpu or cuda; auto takes one that works and is faster.' : '';
    throw new InvalidArgumentError(`The devices are ${devices.join(', ')}.${meant}`);
  });
}

/** `--map`: which map shows where the positive class is. */
export function mapOption(): Option {
  const what =
    `the map to read: ${LOCALIZER_MAPS}; or Grad-CAM of a run's classifier, with its probabilities; ${FLIPS} ` +
    "(default: the model's)";
  return new Option('--map <which>', what).choices(mapChoices);
}

/** `--map`: which map a model file holds. */
export function fileMapOption(): Option {
  const what = `the map that the file holds: ${LOCALIZER_MAPS}; ${FLIPS} (default: the run's)`;
  return new Option('--map <which>', what).choices(localizerMaps);
}

const LOCALIZER_MAPS =
  "the positive class's (as in the paper), that minus the others, or the others negated; LayerCAM of the localizer";
const FLIPS = '+flips: averaged over the image and its mirror images, as training mirrored them';

/** `--frame`: of files with several frames, one by its number or all. */
export function frameOption(): Option {
  const what =
    'for files with several frames: the number of a frame, or all (default: the marked frame, else the first)';
  return new Option('--frame <which>', what).argParser((text) => {
    if (text.trim().toLowerCase() === 'all') return 'all';
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 1) return value;
    throw new InvalidArgumentError('Give the number of a frame, from 1, or all.');
  });
}

/** `--format`: how a data set is read. */
export function formatOption(): Option {
  const what = 'format of the data set, if it is not recognized correctly, such as table (a wrong name lists all)';
  return new Option('--format <name>', what).argParser((text) => {
    if (formats.includes(text)) return text;
    throw new InvalidArgumentError(
      `There is no such format${didYouMean(text, formats)}. The formats are ${formats.join(', ')}.`,
    );
  });
}

/** Where prepared images are cached unless told otherwise: in the XDG cache folder, which counts only if absolute. */
export function defaultCache(environment: Readonly<Record<string, string | undefined>>): string {
  const { XDG_CACHE_HOME: named = '' } = environment;
  return join(isAbsolute(named) ? named : join(homedir(), '.cache'), 'weakspot');
}

/** Where prepared images are kept; the options of every verb that prepares whole sets. */
export function cacheOption(): Option {
  return new Option('--cache <folder>', 'cache of decoded, resized images (default: ~/.cache/weakspot)');
}

export function noCacheOption(): Option {
  return new Option('--no-cache', 'use no cache: decode every image again');
}

export function cacheSizeOption(): Option {
  const what = 'largest size of the cache: the least recently used images are removed first (default: 20G)';
  return new Option('--cache-size <size>', what).argParser(byteSize);
}

/** `--cache-size`: bytes, with K, M, G or T for powers of 1024. */
export function byteSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim());
  const power = ['', 'k', 'm', 'g', 't'].indexOf((match?.[2] ?? '').toLowerCase());
  if (match === null) throw new InvalidArgumentError('Give a size such as 500M or 20G.');
  return Math.floor(Number(match[1]) * 1024 ** power);
}

/** `--cache DIR`, `--no-cache` (false), or neither. */
export function cacheFolder(option: string | boolean | undefined): string | undefined {
  if (option === false) return undefined;
  return typeof option === 'string' ? option : defaultCache(process.env);
}
