import { WeakspotError } from '@weakspot/core';
import { Command } from 'commander';
import {
  type InspectEvent,
  checkInspectionFolder,
  describeFile,
  describeInspection,
  inspectDataset,
  inspectFile,
  isImageFile,
  writeInspection,
} from '../inspect/index.js';
import { interruptSignal } from './interrupt.js';
import { type ProgressDisplay, startProgress } from './progress.js';
import { type Terminal, exitCodes, reportIssues } from './terminal.js';
import { formatOption, splitShares, wholeNumber } from './values.js';

interface InspectFlags {
  out?: string;
  images?: string;
  boxes?: string;
  positive?: string;
  format?: string;
  split?: { train: number; validation: number; test: number };
  seed?: number;
  force?: boolean;
  json?: boolean;
}

export function inspectCommand(terminal: Terminal, done: (code: number) => void): Command {
  return new Command('inspect')
    .summary('check a data set, or one image file, before training')
    .description(
      'Shows what a data set holds, what is wrong with it, which images appear twice, and whether features other than the ' +
        'lesion (size, brightness, sharpness, border, ...) tell the classes apart. Proposes a configuration. The exit code ' +
        'is 0 if training can run. For one image file: its format, size, depth, range and the hash of its stored pixels.',
    )
    .argument('<data>', 'data set, as for training, or one image file')
    .option('-o, --out <folder>', 'folder to write inspect.json, config.yaml and contact-sheet.png into')
    .option('--images <folder>', 'folder of the images that a CSV names')
    .option('--boxes <file>', 'CSV with ground truth boxes')
    .option('--positive <class>', 'the positive class, if it cannot be inferred')
    .addOption(formatOption())
    .option('--split <shares>', 'shares of training, validation and test (default: 8:1:1)', splitShares)
    .option('--seed <n>', 'seed for drawing the parts (default: 0)', wholeNumber(0))
    .option('--force', 'write into a folder that is not empty')
    .option('--json', 'write what was found as one JSON object to standard output')
    .addHelpText('after', '\nExamples:\n  weakspot inspect films/ --out look\n  weakspot inspect film.dcm --json')
    .action(async (data: string, flags: InspectFlags) => done(await runInspect(data, flags, terminal)));
}

async function runInspect(data: string, flags: InspectFlags, terminal: Terminal): Promise<number> {
  const { out, force = false, json = false, format } = flags;
  if (format === undefined && (await isImageFile(data))) {
    if (out !== undefined) throw new WeakspotError('usage', `--out is for data sets; ${data} is an image file.`);
    const found = await inspectFile(data);
    terminal.out(json ? JSON.stringify(found) : describeFile(found));
    return exitCodes.done;
  }
  if (out !== undefined) await checkInspectionFolder(out, force);
  const interrupt = interruptSignal(() => terminal.err('stopping'));
  try {
    const found = await inspectWithProgress(data, flags, terminal, interrupt.signal);
    const { inspection, yaml } = found;
    if (json) terminal.out(JSON.stringify(inspection));
    else {
      reportIssues(inspection.issues, terminal);
      terminal.out(describeInspection(inspection));
      if (out === undefined && yaml !== undefined) terminal.out(`\nProposed configuration:\n\n${yaml.trimEnd()}`);
    }
    if (out !== undefined) {
      for (const path of await writeInspection(out, found)) terminal.err(`wrote ${path}`);
    }
    return inspection.ok ? exitCodes.done : exitCodes.failed;
  } finally {
    interrupt.dispose();
  }
}

async function inspectWithProgress(
  data: string,
  flags: InspectFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Extract<InspectEvent, { type: 'done' }>> {
  const { images, boxes, positive, format, split, seed } = flags;
  let progress: ProgressDisplay | undefined;
  try {
    for await (const event of inspectDataset(data, {
      ...(images === undefined ? {} : { images }),
      ...(boxes === undefined ? {} : { boxes }),
      ...(positive === undefined ? {} : { positive }),
      ...(format === undefined ? {} : { format }),
      ...(split === undefined ? {} : { split }),
      ...(seed === undefined ? {} : { seed }),
      signal,
    })) {
      if (event.type === 'done') return event;
      progress ??= startProgress(terminal, 'inspecting', event.total, signal);
      progress.update(event.done);
    }
  } finally {
    progress?.stop();
  }
  throw new WeakspotError('data', `The inspection of ${data} ended without a result.`);
}
