import { access } from 'node:fs/promises';
import { type LocalizerMap, WeakspotError } from '@weakspot/core';
import { Command, Option } from 'commander';
import { readModel } from '../evaluate/index.js';
import type { CheckpointKind } from '../run/folder.js';
import { writeFileWhole } from '../run/write.js';
import { writingInto } from './output-lock.js';
import { type Terminal, exitCodes } from './terminal.js';
import { fileMapOption } from './values.js';

interface ExportFlags {
  out: string;
  checkpoint: CheckpointKind;
  map?: LocalizerMap;
  force?: boolean;
}

export function exportCommand(terminal: Terminal, done: (code: number) => void): Command {
  return new Command('export')
    .summary('write a run as one ONNX model')
    .description(
      'The model takes `images` [batch, 1, height, width] and returns `probabilities` and `logits` [batch, classes] and ' +
        '`activation_maps` [batch, classes, h, w]; its metadata `weakspot` says how images are prepared.',
    )
    .argument('<run>', 'run folder')
    .requiredOption('-o, --out <file>', 'model file to write')
    .addOption(new Option('--checkpoint <which>', 'checkpoint of the run').choices(['last', 'best']).default('last'))
    .addOption(fileMapOption())
    .option('--force', 'overwrite the file')
    .action(async (run: string, { out, checkpoint, map, force = false }: ExportFlags) => {
      const occupied = await access(out).then(
        () => true,
        () => false,
      );
      if (occupied && !force)
        throw new WeakspotError('exists', `${out} exists.`, {
          hint: 'Choose another name, or overwrite it with --force.',
        });
      const { bytes, info } = await readModel(run, checkpoint, map);
      await writingInto(out, 'an export', () => writeFileWhole(out, bytes, { replace: force }));
      const read = info.map === 'positive' ? '' : `, ${info.map} map,`;
      terminal.err(`${info.method}${read} after ${info.epochs} epochs, ${(bytes.length / 1e6).toFixed(1)} MB: ${out}`);
      done(exitCodes.done);
    });
}
