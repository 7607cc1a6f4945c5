import { Command, InvalidArgumentError } from 'commander';
import { writePhantoms } from '../data/phantom/index.js';
import { interruptSignal } from './interrupt.js';
import { startProgress } from './progress.js';
import { type Terminal, exitCodes } from './terminal.js';
import { numberBetween, wholeNumber } from './values.js';

interface PhantomFlags {
  count: number;
  seed: number;
  size: number;
  positives: number;
  bits: 8 | 16;
  bright?: boolean;
  force?: boolean;
  json?: boolean;
}

export function phantomCommand(terminal: Terminal, done: (code: number) => void): Command {
  return new Command('phantom')
    .summary('make synthetic chest radiographs with known lesions')
    .description(
      'Writes a data set of synthetic chest radiographs: images/, labels.csv (lesion, normal; with patients) and boxes.csv.',
    )
    .argument('<folder>', 'folder to write')
    .option('-n, --count <n>', 'films', wholeNumber(1), 400)
    .option('--seed <n>', 'seed', wholeNumber(0), 0)
    .option('--size <pixels>', 'side of an image, 64 to 2048', wholeNumber(64), 256)
    .option('--positives <fraction>', 'fraction with lesions, 0 to 1', numberBetween(0, 1), 0.5)
    .option('--bits <n>', '8 or 16 bits a pixel', bitDepth, 8)
    .option('--bright', 'lesions that add density, so that their brightness gives them away')
    .option('--force', 'replace a set of phantoms')
    .option('--json', 'write what was made as JSON to standard output')
    .action(async (folder: string, flags: PhantomFlags) => {
      const interrupt = interruptSignal(() => terminal.err('stopping'));
      const progress = startProgress(terminal, 'phantoms', flags.count, interrupt.signal);
      try {
        const { count, seed, size, positives, bits, bright = false, force = false } = flags;
        const made = await writePhantoms(folder, {
          count,
          seed,
          size,
          positiveFraction: positives,
          bits,
          bright,
          force,
          signal: interrupt.signal,
          onProgress: (written) => progress.update(written),
        });
        progress.stop();
        if (flags.json === true) terminal.out(JSON.stringify({ folder, ...made }));
        else terminal.err(`${made.images} images, ${made.positives} with lesions, in ${folder}`);
        done(exitCodes.done);
      } finally {
        progress.stop();
        interrupt.dispose();
      }
    });
}

function bitDepth(text: string): 8 | 16 {
  if (text === '8') return 8;
  if (text === '16') return 16;
  throw new InvalidArgumentError('Give 8 or 16.');
}
