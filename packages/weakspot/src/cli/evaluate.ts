import { type Device, type EvaluationWarning, type MapChoice, WeakspotError } from '@weakspot/core';
import { Command, Option } from 'commander';
import { openImageCache } from '../data/cache.js';
import type { Dataset, Sample, Split } from '../data/dataset.js';
import { readDataset } from '../data/read-dataset.js';
import { besideEngine } from '../data/threads/threads.js';
import { inspectInChild } from '../device/index.js';
import {
  type ClassMetrics,
  type LocalizerModel,
  type ModelImage,
  evaluateModel,
  macroMean,
  modelImages,
  openModel,
  readEarlierImages,
} from '../evaluate/index.js';
import {
  type EvaluationRecord,
  TEXT_WIDTH,
  estimatesLegend,
  estimatesTable,
  evaluationRecord,
  metricsTable,
  scoreLegend,
  wrapText,
} from '../report/index.js';
import { type CheckpointKind, describeDevices, isRun, readConfig, readSplit, runFolder } from '../run/folder.js';
import { partElsewhere } from '../run/part-elsewhere.js';
import { openDataset } from '../run/open-dataset.js';
import { interruptSignal } from './interrupt.js';
import { startProgress } from './progress.js';
import { type Terminal, countOf, exitCodes, reportDevice, reportIssues } from './terminal.js';
import {
  cacheFolder,
  cacheOption,
  cacheSizeOption,
  deviceOption,
  formatOption,
  mapOption,
  noCacheOption,
  tolerancePixels,
  wholeNumber,
} from './values.js';

interface EvaluateFlags {
  data?: string;
  format?: string;
  images?: string;
  boxes?: string;
  positive?: string;
  part?: Split | 'all';
  checkpoint: CheckpointKind;
  map?: MapChoice;
  tolerance?: { x: number; y: number };
  full?: boolean;
  resamples?: number;
  seed?: number;
  strict?: boolean;
  threads?: number;
  device: Device;
  cache: string | boolean | undefined;
  cacheSize?: number;
  json?: boolean;
}

export function evaluateCommand(terminal: Terminal, done: (code: number) => void): Command {
  return new Command('evaluate')
    .summary('measure classification and localization on labelled images')
    .description(
      'Prints accuracy, AUC, average precision (AP), localization AP and the hit rate, beside the hit rates of random points, other ' +
        "images' responses, the model's mean map, the best fixed point, and the brightest and darkest points of the images. Tests " +
        "on a run's own test part, or on --data. Takes run folders and exported model.onnx files; each makes a row of the table.",
    )
    .argument('<models...>', 'run folders or model files')
    .option('-d, --data <path>', "data set to test on, instead of the run's own test part")
    .addOption(formatOption())
    .option('--images <folder>', 'folder of the images that a CSV names')
    .option('--boxes <file>', 'CSV with ground truth boxes')
    .option('--positive <class>', "the positive class, if not the model's")
    .addOption(
      new Option('--part <part>', "part of the data (default: test for a run's own data, else all)").choices([
        'train',
        'validation',
        'test',
        'all',
      ]),
    )
    .addOption(new Option('--checkpoint <which>', 'checkpoint of a run').choices(['last', 'best']).default('last'))
    .addOption(mapOption())
    .option(
      '--tolerance <pixels>',
      "how far outside a box a response still counts as a hit, in pixels of the network's input: X or XxY (default: half the stride)",
      tolerancePixels,
    )
    .option(
      '--full',
      'also measure all other metrics, each with a 95% interval and its values for maps that have learned nothing',
    )
    .option('--resamples <n>', 'bootstrap resamples of the patients for the intervals (default: 2000)', wholeNumber(1))
    .option('--seed <n>', 'seed of the resampling and of the random maps (default: 1)', wholeNumber(0))
    .option('--strict', 'stop at an unreadable image instead of leaving it out')
    .option('--threads <n>', 'threads of the engine', wholeNumber(1))
    .addOption(deviceOption())
    .addOption(cacheOption())
    .addOption(noCacheOption())
    .addOption(cacheSizeOption())
    .option('--json', 'write one record per model as a line of JSON to standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  weakspot evaluate runs/first\n  weakspot evaluate runs/avepool runs/stl-avepool --data films/ --json',
    )
    .action(async (models: string[], flags: EvaluateFlags) => {
      checkFlags(flags);
      const interrupt = interruptSignal(() => terminal.err('stopping'));
      const records: EvaluationRecord[] = [];
      try {
        for (const path of models) {
          const record = await evaluateOne(path, flags, terminal, interrupt.signal);
          records.push(record);
          if (flags.json === true) terminal.out(JSON.stringify(record));
        }
        done(exitCodes.done);
      } finally {
        interrupt.dispose();
        // Also where a later model failed: the others' numbers are not lost.
        if (flags.json !== true && records.length > 0)
          terminal.out(
            [
              metricsTable(records.flatMap(rowsOf)),
              wrapText(scoreLegend()),
              '',
              describeCounts(records),
              ...records.flatMap(describeEstimates),
            ].join('\n'),
          );
      }
    });
}

/**
 * @throws WeakspotError `usage` for options that say how to read --data, without it: a run's data are read as it did;
 * likewise for those of --full.
 */
function checkFlags({ data, format, images, boxes, full, resamples, seed }: EvaluateFlags): void {
  const [idle] = Object.entries({ resamples, seed }).filter(([, value]) => value !== undefined);
  if (full !== true && idle !== undefined) {
    throw new WeakspotError('usage', `--${idle[0]} needs --full.`, {
      hint: 'Add --full: without it there are no intervals.',
    });
  }
  const [needless] = Object.entries({ images, boxes, format }).filter(([, value]) => value !== undefined);
  if (data !== undefined || needless === undefined) return;
  throw new WeakspotError('usage', `--${needless[0]} needs --data.`, {
    hint: 'Name the labels with --data too.',
  });
}

async function evaluateOne(
  path: string,
  flags: EvaluateFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<EvaluationRecord> {
  const model = await openModel(path, {
    checkpoint: flags.checkpoint,
    ...(flags.map === undefined ? {} : { map: flags.map }),
    ...(flags.positive === undefined ? {} : { positive: flags.positive }),
    ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    device: flags.device,
    inspect: inspectInChild,
  });
  try {
    reportDevice(model.device, terminal);
    await reportTrained(path, terminal);
    const { dataset, samples, made } = await findSamples(path, model, flags, signal);
    reportIssues(dataset.issues, terminal);
    const cache = openImageCache({
      directory: cacheFolder(flags.cache),
      preprocessing: model.info.preprocessing,
      limit: flags.cacheSize,
      threads: besideEngine(flags.threads),
    });
    let progress = startProgress(terminal, `evaluating ${model.info.method}`, samples.length, signal);
    let resampling = false;
    try {
      const { strict = false, tolerance, seed = 1, resamples = 2000 } = flags;
      const options = {
        cache,
        strict,
        signal,
        ...(tolerance === undefined ? {} : { tolerance }),
        ...(made === undefined ? {} : { made }),
        ...(flags.full === true ? { full: { seed, resamples } } : {}),
      };
      for await (const event of evaluateModel(model, samples, options)) {
        if (event.type === 'done') {
          const { method, map } = model.info;
          const { classes, estimates, evidence, warnings } = event;
          for (const warning of warnings) progress.log(describeWarning(path, warning));
          const { metrics, position } = classes === undefined ? event : macroMean(classes);
          const { passedOver = [] } = dataset;
          const told = { ...evidence, map, position, estimates, warnings };
          const record = {
            ...evaluationRecord(method, dataset.name, metrics, told),
            ...(passedOver.length === 0 ? {} : { passedOver }),
          };
          return classes === undefined ? record : { ...record, classes: classRecords(record, classes) };
        }
        if (event.type === 'issue') reportIssues([event.issue], { ...terminal, err: progress.log });
        if (event.type === 'resample' && !resampling) {
          resampling = true;
          progress.stop();
          progress = startProgress(terminal, 'resampling', event.total, signal);
        }
        progress.update(event.done);
      }
    } finally {
      progress.stop();
      await cache.close();
    }
    throw new WeakspotError('engine', 'The evaluation ended without a result.');
  } finally {
    await model.release();
  }
}

function describeWarning(path: string, { text, class: ofClass }: EvaluationWarning): string {
  const of = ofClass === undefined ? path : `${path}, ${ofClass}`;
  return wrapText(`warning: ${of}: ${text}.`, TEXT_WIDTH, '  ');
}

/** Says what a run was trained on; a model file does not know it. */
async function reportTrained(path: string, terminal: Terminal): Promise<void> {
  const folder = runFolder(path);
  const used = (await isRun(folder)) ? describeDevices((await readConfig(folder)).run) : undefined;
  if (used !== undefined) terminal.err(`${path}: trained on ${used}`);
}

/**
 * The images to evaluate on: those of --data, or the asked part of the run's own data; and, where it is read already, what the model
 * was made from.
 */
async function findSamples(
  path: string,
  { info }: LocalizerModel,
  flags: EvaluateFlags,
  signal: AbortSignal,
): Promise<{ dataset: Dataset; samples: readonly Sample[]; made?: readonly ModelImage[] }> {
  if (flags.data !== undefined) {
    const dataset = await readDataset(flags.data, {
      classes: info.classes,
      multiLabel: info.multiLabel === true,
      positive: info.classes[info.positive] ?? '',
      strict: flags.strict === true,
      ...(flags.format === undefined ? {} : { format: flags.format }),
      ...(flags.images === undefined ? {} : { images: flags.images }),
      ...(flags.boxes === undefined ? {} : { boxes: flags.boxes }),
    });
    const part = flags.part ?? 'all';
    const folder = runFolder(path);
    // The run's own images, which were moved.
    const moved =
      flags.part === undefined || part === 'all' || !(await isRun(folder))
        ? undefined
        : await partElsewhere(folder, part, dataset, { cache: cacheFolder(flags.cache), signal });
    if (moved !== undefined) {
      const { samples } = moved;
      const made = [
        ...modelImages(dataset.samples, await readSplit(folder)),
        ...(await readEarlierImages(folder.path)),
      ];
      return { dataset: { ...dataset, issues: [...dataset.issues, ...moved.issues] }, samples, made };
    }
    const samples = dataset.samples.filter((sample) => part === 'all' || sample.split === part);
    if (samples.length === 0) {
      throw new WeakspotError('data', `${flags.data} has no images whose split is "${part}".`, {
        hint: "If --data holds the run's images at another place, its parts are those of the run. Otherwise they come from its own split, such as a split column. Leave out --part to take all images.",
      });
    }
    return { dataset, samples };
  }
  const folder = runFolder(path);
  if (!(await isRun(folder))) {
    throw new WeakspotError(
      'usage',
      `${path} is a model file, which has no data of its own: say what to test on with --data.`,
    );
  }
  const { run, config } = await readConfig(folder);
  const split = await readSplit(folder);
  const dataset = await openDataset(config, run);
  const part = flags.part ?? 'test';
  const samples = dataset.samples.filter((sample) => part === 'all' || split.get(sample.name) === part);
  if (samples.length === 0) {
    throw new WeakspotError('data', `The ${part} part of ${run.dataset} is empty in this run.`, {
      hint: 'Choose another with --part, or other images with --data.',
    });
  }
  const made = [...modelImages(dataset.samples, split), ...(await readEarlierImages(folder.path))];
  return { dataset, samples, made };
}

/** All metrics of one model as a table with its headline; nothing where only the paper's were measured. */
function describeEstimates(record: EvaluationRecord): string[] {
  const table = estimatesTable(record);
  if (table === undefined || record.bootstrap === undefined) return [];
  const { resamples, patients, seed } = record.bootstrap;
  const drawn = `intervals by ${resamples} resamples of ${countOf(patients, 'patient')}, seed ${seed}`;
  return ['', `${record.method} on ${record.dataset}, ${drawn}`, table, wrapText(estimatesLegend)];
}

/** Of a multi-label set, a record of each class beside that of their means. */
function classRecords(mean: EvaluationRecord, classes: readonly ClassMetrics[]): EvaluationRecord[] {
  const { method, dataset, map } = mean;
  return classes.map(({ name, metrics, position }) => ({
    ...evaluationRecord(method, dataset, metrics, { map, position }),
    class: name,
  }));
}

/** A record's rows in the table: the means over the classes first, then each class. */
function rowsOf(record: EvaluationRecord): EvaluationRecord[] {
  const { classes = [], method } = record;
  const named = classes.map((one) => ({ ...one, method: `${method}, ${one.class ?? ''}` }));
  return named.length === 0 ? [record] : [{ ...record, method: `${method}, mean of ${named.length}` }, ...named];
}

function describeCounts(records: readonly EvaluationRecord[]): string {
  return records
    .map(
      ({ dataset, images, positives, located, classes }) =>
        `${dataset}: ${countOf(images, 'image')}, ${classes === undefined ? `${positives} positive` : countOf(positives, 'label')}, ` +
        `${located} of them located`,
    )
    .filter((line, index, lines) => lines.indexOf(line) === index)
    .join('\n');
}
