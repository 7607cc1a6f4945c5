import { MultiBar, Presets } from 'cli-progress';
import type { Terminal } from './terminal.js';

/** Shows how far work is: a bar on a terminal, now and then a line elsewhere. */
export interface ProgressDisplay {
  /** `detail` is shown behind the bar. */
  readonly update: (done: number, detail?: string) => void;
  /** Writes a line without disturbing the bar. */
  readonly log: (line: string) => void;
  /** Takes the bar away for good; lines can still be logged. */
  readonly stop: () => void;
}

const LINE_EVERY_MS = 10_000;

/** Terminal codes: lines longer than the terminal is wide go on in the next row, or are cut, as the bar must be. */
const wrapping = { on: '\u001b[?7h', off: '\u001b[?7l' } as const;

/** Starts to show progress. The bar is taken away when the signal fires, before anything more is said. */
export function startProgress(terminal: Terminal, label: string, total: number, signal?: AbortSignal): ProgressDisplay {
  return terminal.interactive ? startBar(terminal, label, total, signal) : startLines(terminal, label, total);
}

function startLines(terminal: Terminal, label: string, total: number): ProgressDisplay {
  let last = performance.now();
  return {
    update: (done, detail = '') => {
      if (done < total && performance.now() - last < LINE_EVERY_MS) return;
      last = performance.now();
      terminal.err(`${label} ${done}/${total} ${detail}`.trimEnd());
    },
    log: terminal.err,
    stop: () => undefined,
  };
}

function startBar(terminal: Terminal, label: string, total: number, signal?: AbortSignal): ProgressDisplay {
  const bars = new MultiBar(
    {
      format: `${label} {bar} {value}/{total} {detail}`,
      hideCursor: true,
      clearOnComplete: true,
      barsize: 24,
      stopOnComplete: false,
    },
    Presets.shades_classic,
  );
  const bar = bars.create(total, 0, { detail: '' });
  const stop = (): void => {
    signal?.removeEventListener('abort', stop);
    if (bars.isActive) bars.stop();
  };
  signal?.addEventListener('abort', stop);
  return {
    update: (done, detail = '') => {
      if (bars.isActive) bar.update(done, { detail });
    },
    log: (line) => {
      if (!bars.isActive) return terminal.err(line);
      bars.log(`${wrapping.on}${line}${wrapping.off}\n`);
      // Logged lines wait for the next drawing of the bar, and are lost if it is stopped before.
      bars.update();
    },
    stop,
  };
}
