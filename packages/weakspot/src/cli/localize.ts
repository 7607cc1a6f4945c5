import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { type Device, type MapChoice, WeakspotError } from '@weakspot/core';
import { Command, Option } from 'commander';
import { besideEngine } from '../data/threads/threads.js';
import { describePassedOver, PassedOverCounts } from '../data/passed-over.js';
import { inspectInChild } from '../device/index.js';
import {
  type FrameChoice,
  type ImageFile,
  type Localization,
  type LocalizeEvent,
  findImages,
  heatRange,
  localizeImages,
  openModel,
} from '../evaluate/index.js';
import { overlayPng } from '../report/index.js';
import { type CheckpointKind, isOccupied } from '../run/folder.js';
import { writeFileWhole } from '../run/write.js';
import { interruptSignal } from './interrupt.js';
import { LocalizationSummary } from './localize-summary.js';
import { type ProgressDisplay, startProgress } from './progress.js';
import { type Terminal, exitCodes, reportDevice, reportIssues } from './terminal.js';
import { deviceOption, frameOption, mapOption, numberBetween, wholeNumber } from './values.js';

interface LocalizeFlags {
  out?: string;
  checkpoint: CheckpointKind;
  map?: MapChoice;
  minProbability: number;
  threshold: number;
  overlay: boolean;
  frame?: FrameChoice;
  strict?: boolean;
  threads?: number;
  device: Device;
  force?: boolean;
  json?: boolean;
}

type ImageEvent = Extract<LocalizeEvent, { type: 'image' }>;

const OVERLAY_ENDING = '.overlay.png';

export function localizeCommand(terminal: Terminal, done: (code: number) => void): Command {
  return new Command('localize')
    .summary('find the lesions in images')
    .description(
      'Writes a line of JSON for each image (probabilities, response point and boxes in original pixels) to standard output ' +
        'and a summary to standard error. With --out it writes NAME.json and NAME.overlay.png (the image with heat map, boxes and ' +
        'response) into that folder instead; sub-folders keep their structure. Of a DICOM file with several ' +
        'frames, one is localized; with --frame the names are NAME.frame-3.json and so on.',
    )
    .argument('<model>', 'run folder or model file')
    .argument('<images...>', 'images or folders of images')
    .option('-o, --out <folder>', 'folder to write')
    .addOption(new Option('--checkpoint <which>', 'checkpoint of a run').choices(['last', 'best']).default('last'))
    .addOption(mapOption())
    .option(
      '--min-probability <p>',
      'give boxes only where the positive class has at least this probability',
      numberBetween(0, 1),
      0.5,
    )
    .option(
      '--threshold <t>',
      "where boxes end, between the map's minimum (0) and maximum (1)",
      numberBetween(0, 1),
      0.5,
    )
    .addOption(frameOption())
    .option('--no-overlay', 'do not write overlay pictures')
    .option('--strict', 'stop at an unreadable image')
    .option('--threads <n>', 'threads of the engine', wholeNumber(1))
    .addOption(deviceOption())
    .option('--force', 'write into a folder that is not empty')
    .option('--json', 'with --out: write the lines of JSON as well')
    .addHelpText(
      'after',
      '\nExamples:\n  weakspot localize model.onnx film.png\n  weakspot localize runs/films-1 films/ --out found\n  weakspot localize runs/films-1 films/ > found.jsonl',
    )
    .action(async (model: string, images: string[], flags: LocalizeFlags) =>
      done(await runLocalize(model, images, flags, terminal)),
    );
}

async function runLocalize(
  modelPath: string,
  paths: readonly string[],
  flags: LocalizeFlags,
  terminal: Terminal,
): Promise<number> {
  const { out } = flags;
  const asLines = out === undefined || flags.json === true;
  if (out !== undefined && flags.force !== true && (await isOccupied(out))) {
    throw new WeakspotError('exists', `${out} exists and is not empty.`, {
      hint: 'Choose another folder, or write into it with --force.',
    });
  }
  const passed = new PassedOverCounts();
  const files = (await findImages(paths, passed)).filter((file) => !isResult(file, out));
  if (files.length === 0)
    throw new WeakspotError('data', `${out} holds no images, only the results of an earlier call.`);
  if (out !== undefined) checkNames(files);
  const model = await openModel(modelPath, {
    checkpoint: flags.checkpoint,
    ...(flags.map === undefined ? {} : { map: flags.map }),
    ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    device: flags.device,
    inspect: inspectInChild,
  });
  reportDevice(model.device, terminal);
  const interrupt = interruptSignal(() => terminal.err('stopping'));
  let progress: ProgressDisplay | undefined;
  const several = new SeveralFrames();
  const summary = new LocalizationSummary();
  let failed = 0;
  try {
    const { minProbability, threshold, strict = false } = flags;
    for await (const event of localizeImages(model, files, {
      minProbability,
      threshold,
      strict,
      frame: flags.frame,
      threads: besideEngine(flags.threads),
      signal: interrupt.signal,
    })) {
      // How many frames there are is known from here on.
      progress ??= startProgress(terminal, 'localizing', event.total, interrupt.signal);
      if (event.type === 'issue') {
        failed++;
        reportIssues([event.issue], { ...terminal, err: progress.log });
      } else {
        if (asLines) terminal.out(JSON.stringify(event.localization));
        if (out !== undefined) await writeResult(out, event, flags, model.info.positive);
        if (flags.frame === undefined) several.add(event);
        summary.add(event.localization);
      }
      progress.update(event.done);
    }
  } finally {
    progress?.stop();
    interrupt.dispose();
    await model.release();
    several.report(terminal);
    // Also after an interruption: what was written stays.
    const kinds = passed.list();
    if (summary.images + failed > 0) {
      const unread = failed > 0 ? `, ${failed} could not be read` : '';
      const over = kinds.length > 0 ? `; passed over: ${describePassedOver(kinds)}` : '';
      const into = out === undefined ? '' : ` in ${out}`;
      terminal.err(`${summary.describe(into, files.length)}${unread}${over}`);
      if (flags.json === true && kinds.length > 0) terminal.out(JSON.stringify({ passedOver: kinds }));
    }
  }
  return summary.images === 0 ? exitCodes.failed : exitCodes.done;
}

/** Whether a file is a picture that an earlier call left in the folder of results: no film. */
function isResult(file: ImageFile, out: string | undefined): boolean {
  if (out === undefined || !file.path.endsWith(OVERLAY_ENDING)) return false;
  const inside = relative(resolve(out), file.path);
  return !isAbsolute(inside) && inside !== '..' && !inside.startsWith(`..${sep}`);
}

/** @throws WeakspotError `usage` if two images' results would have one name. */
function checkNames(files: readonly ImageFile[]): void {
  const names = new Set<string>();
  for (const { name } of files) {
    if (names.has(name)) {
      throw new WeakspotError(
        'usage',
        `Two of the images are named ${name}; their results would overwrite each other.`,
        {
          hint: 'Localize their folders one at a time.',
        },
      );
    }
    names.add(name);
  }
}

/** `.frame-03` of a file with ten frames or more, so that names stand in the frames' order; nothing where there is one. */
function frameEnding({ frame = 1, frames = 1 }: Localization): string {
  return frames === 1 ? '' : `.frame-${String(frame).padStart(String(frames).length, '0')}`;
}

async function writeResult(
  out: string,
  event: ImageEvent,
  { frame, overlay }: Pick<LocalizeFlags, 'frame' | 'overlay'>,
  positive: number,
): Promise<void> {
  const { localization, image, prediction, placement, file } = event;
  const base = join(out, ...file.name.split('/')) + (frame === undefined ? '' : frameEnding(localization));
  await writeFileWhole(`${base}.json`, `${JSON.stringify(localization, undefined, 2)}\n`);
  if (!overlay) return;
  const { map, probabilities } = prediction;
  const png = await overlayPng({
    image: { ...image, placement },
    map: { ...map, ...heatRange(map.values, probabilities[positive] ?? 0) },
    response: localization.response,
    boxes: localization.boxes,
  });
  await writeFileWhole(`${base}${OVERLAY_ENDING}`, png);
}

/** Files with several frames of which none was asked for. */
class SeveralFrames {
  #files = 0;
  #first: Localization | undefined;

  add({ localization, file }: ImageEvent): void {
    if (localization.frames === undefined || file.frame !== undefined) return;
    this.#files++;
    this.#first ??= localization;
  }

  report(terminal: Terminal): void {
    if (this.#first === undefined) return;
    const { file, frames } = this.#first;
    const such =
      this.#files === 1
        ? `${file} has ${frames} frames`
        : `${this.#files} files have several frames, such as ${file} (${frames})`;
    terminal.err(`${such}: only the first was localized (--frame N takes another, --frame all takes all of them)`);
  }
}
