import type { DataIssue } from '@weakspot/core';
import { WeakspotError, formatIssue, messageOf } from '@weakspot/core';
import { MultiBar, Presets } from 'cli-progress';

/** Where a command writes: results to `out`, everything about the work to `err`. */
export interface Terminal {
  /** Writes a line to standard output. */
  readonly out: (line: string) => void;
  /** Writes a line to standard error. */
  readonly err: (line: string) => void;
  /** Whether standard error is a terminal that can show a progress bar. */
  readonly interactive: boolean;
}

export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

export function processTerminal(): Terminal {
  // A reader that went away (`weakspot ... | head`) ends the output, not with an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.done);
    throw error;
  });
  return {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    interactive: process.stderr.isTTY === true,
  };
}

/** Prints an error for a person and returns the exit code: 2 for a wrong call, 130 when interrupted, else 1. */
export function reportError(error: unknown, terminal: Terminal): number {
  if (!(error instanceof WeakspotError)) {
    // A fault of ours: the stack is what a report needs.
    terminal.err(`error: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}`);
    return exitCodes.failed;
  }
  terminal.err(`error: ${error.message}`);
  if (error.hint !== undefined) terminal.err(`hint: ${error.hint}`);
  if (error.code === 'aborted') return exitCodes.interrupted;
  return error.code === 'usage' || error.code === 'config' ? exitCodes.usage : exitCodes.failed;
}

export function reportIssues(issues: readonly DataIssue[], terminal: Terminal): void {
  for (const issue of issues) terminal.err(`${issue.severity}: ${formatIssue(issue)}`);
}

/** Shows how far work is: a bar on a terminal, now and then a line elsewhere. */
export interface ProgressDisplay {
  /** `detail` is shown behind the bar. */
  readonly update: (done: number, detail?: string) => void;
  /** Writes a line without disturbing the bar. */
  readonly log: (line: string) => void;
  readonly stop: () => void;
}

const LINE_EVERY_MS = 10_000;

export function startProgress(terminal: Terminal, label: string, total: number): ProgressDisplay {
  if (!terminal.interactive) {
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
  return {
    update: (done, detail = '') => bar.update(done, { detail }),
    log: (line) => bars.log(`${line}\n`),
    stop: () => bars.stop(),
  };
}

/** `1:05` or `2:03:05` */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
