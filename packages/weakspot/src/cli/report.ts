import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Device, type MapChoice, WeakspotError } from '@weakspot/core';
import { Command, Option } from 'commander';
import type { Split } from '../data/dataset.js';
import { inspectInChild } from '../device/index.js';
import { TEXT_WIDTH, metricsTable, scoreLegend, wrapText } from '../report/index.js';
import { type ReportEvent, type ReportOptions, type TestData, reportRuns } from '../review/index.js';
import type { CheckpointKind } from '../run/folder.js';
import { writeFileWhole } from '../run/write.js';
import { interruptSignal } from './interrupt.js';
import { writingInto } from './output-lock.js';
import { type ProgressDisplay, startProgress } from './progress.js';
import { type Terminal, exitCodes, reportDevice, reportIssues } from './terminal.js';
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

interface ReportFlags {
  out?: string;
  data?: string;
  format?: string;
  dataImages?: string;
  boxes?: string;
  part?: Split | 'all';
  images: number;
  seed: number;
  title?: string;
  checkpoint?: CheckpointKind;
  map?: MapChoice;
  tolerance?: { x: number; y: number };
  strict?: boolean;
  threads?: number;
  device: Device;
  cache: string | boolean | undefined;
  /** Bytes. */
  cacheSize?: number;
  force?: boolean;
  json?: boolean;
}

const REPORT = 'report.html';

export function reportCommand(terminal: Terminal, done: (code: number) => void): Command {
  return new Command('report')
    .summary('write what runs have learned as one HTML file')
    .description(
      'Evaluates runs, shown side by side, or the runs of a comparison, and writes one self-contained HTML file: tables, ' +
        'training curves, first-layer filters, maps over test images, ROC and precision-recall curves, the worst errors, ' +
        'settings and data. Runs that differ in seed or fold only are shown as one method.',
    )
    .argument('<runs...>', 'run folders, or the folder of one comparison')
    .option('-o, --out <file>', 'file to write (default: report.html in the one folder given)')
    .option('-d, --data <path>', "data set to test on, instead of the runs' own test parts")
    .addOption(formatOption())
    .option('--data-images <folder>', 'folder of the images that a CSV of --data names')
    .option('--boxes <file>', 'CSV with ground truth boxes of --data')
    .addOption(
      new Option('--part <part>', 'part of --data (default: all)').choices(['train', 'validation', 'test', 'all']),
    )
    .option(
      '--images <n>',
      'number of test images to show; 0 leaves out both these and the worst errors',
      wholeNumber(0),
      12,
    )
    .option('--seed <n>', 'seed for choosing the images shown', wholeNumber(0), 0)
    .option('--title <text>', 'heading of the report')
    .addOption(
      new Option('--checkpoint <which>', "checkpoint of the runs (default: last, or the comparison's)").choices([
        'last',
        'best',
      ]),
    )
    .addOption(mapOption())
    .option(
      '--tolerance <pixels>',
      "how far outside a box a response still counts as a hit, in pixels of the network's input: X or XxY (default: half the stride, or the comparison's)",
      tolerancePixels,
    )
    .option('--strict', 'stop at an unreadable image instead of leaving it out')
    .option('--threads <n>', 'threads of the engine', wholeNumber(1))
    .addOption(deviceOption())
    .addOption(cacheOption())
    .addOption(noCacheOption())
    .addOption(cacheSizeOption())
    .option('--force', 'overwrite the file')
    .option('--json', 'write the file, the numbers and the warnings as one JSON object to standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  weakspot report runs/first\n  weakspot report runs/avepool runs/stl-avepool --out both.html\n' +
        '  weakspot report runs/first --data other-films --out unseen.html',
    )
    .action(async (paths: string[], flags: ReportFlags) => done(await runReport(paths, flags, terminal)));
}

async function runReport(paths: readonly string[], flags: ReportFlags, terminal: Terminal): Promise<number> {
  const out = await outFile(paths, flags);
  const interrupt = interruptSignal(() => terminal.err('stopping'));
  try {
    const { html, records, warnings } = await writingInto(out, 'a report', async () => {
      const report = await reportWithProgress(paths, flags, terminal, interrupt.signal);
      await writeFileWhole(out, report.html, { replace: flags.force === true });
      return report;
    });
    if (flags.json === true) terminal.out(JSON.stringify({ report: out, records, warnings }));
    else terminal.out(`${metricsTable(records)}\n${wrapText(scoreLegend())}`);
    for (const { test, text } of warnings) terminal.err(wrapText(`warning: ${test}: ${text}`, TEXT_WIDTH, '  '));
    terminal.err(`wrote ${out} (${(Buffer.byteLength(html) / 1e6).toFixed(1)} MB)`);
    return exitCodes.done;
  } finally {
    interrupt.dispose();
  }
}

/** @throws WeakspotError `usage` where the place is not told, `exists` where it is taken. */
async function outFile(
  paths: readonly string[],
  { out, force = false, data, ...others }: ReportFlags,
): Promise<string> {
  const { format, dataImages, boxes, part } = others;
  const [needless] = Object.entries({ format, 'data-images': dataImages, boxes, part }).filter(
    ([, is]) => is !== undefined,
  );
  if (data === undefined && needless !== undefined) {
    throw new WeakspotError('usage', `--${needless[0]} needs --data.`, {
      hint: 'Name the labels with --data too.',
    });
  }
  const [folder = ''] = paths;
  if (out === undefined && paths.length > 1) {
    throw new WeakspotError('usage', 'Say where the report of several runs goes: --out FILE.');
  }
  const file = resolve(out ?? join(folder, REPORT));
  const occupied = await access(file).then(
    () => true,
    () => false,
  );
  if (occupied && !force) {
    throw new WeakspotError('exists', `${file} exists.`, {
      hint: 'Choose another name with --out, or overwrite it with --force.',
    });
  }
  return file;
}

async function reportWithProgress(
  paths: readonly string[],
  flags: ReportFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Extract<ReportEvent, { type: 'done' }>> {
  let progress: ProgressDisplay | undefined;
  let device = '';
  try {
    for await (const event of reportRuns(paths, reportOptions(flags, signal))) {
      if (event.type === 'done') return event;
      if (event.type === 'device') {
        // Once, not for every run on every test set.
        const found = JSON.stringify(event.device);
        if (found !== device) reportDevice(event.device, { ...terminal, err: progress?.log ?? terminal.err });
        device = found;
      } else if (event.type === 'issue') {
        reportIssues([event.issue], { ...terminal, err: progress?.log ?? terminal.err });
      } else {
        progress ??= startProgress(terminal, 'evaluating', event.total, signal);
        progress.update(event.done);
      }
    }
  } finally {
    progress?.stop();
  }
  throw new WeakspotError('engine', 'The report ended without a result.');
}

function reportOptions(flags: ReportFlags, signal: AbortSignal): ReportOptions {
  const { data, format, dataImages, boxes, part, title, checkpoint, map, tolerance, threads, strict } = flags;
  const test: TestData | undefined =
    data === undefined
      ? undefined
      : {
          path: data,
          ...(format === undefined ? {} : { format }),
          ...(dataImages === undefined ? {} : { images: dataImages }),
          ...(boxes === undefined ? {} : { boxes }),
          ...(part === undefined ? {} : { part }),
        };
  return {
    cache: cacheFolder(flags.cache),
    cacheLimit: flags.cacheSize,
    images: flags.images,
    seed: flags.seed,
    date: new Date().toISOString().slice(0, 10),
    device: flags.device,
    inspect: inspectInChild,
    signal,
    ...(test === undefined ? {} : { tests: [test] }),
    ...(title === undefined ? {} : { title }),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(map === undefined ? {} : { map }),
    ...(tolerance === undefined ? {} : { tolerance }),
    ...(threads === undefined ? {} : { threads }),
    ...(strict === undefined ? {} : { strict }),
  };
}
