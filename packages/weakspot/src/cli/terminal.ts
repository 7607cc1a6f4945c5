import type { DataIssue, ResolvedDevice } from '@weakspot/core';
import { WeakspotError, formatIssue, messageOf } from '@weakspot/core';

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
  let isGone = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A terminal that was closed: SIGHUP tells the command to stop, and what it still says goes nowhere.
      if (error.code === 'EIO' || isGone) return;
      // A reader that went away (`weakspot ... | head`) ends the command as SIGPIPE would, without a word; one that has
      // something to save listens to that signal.
      if (error.code === 'EPIPE') {
        isGone = process.emit('SIGPIPE', 'SIGPIPE');
        if (isGone) return;
        process.exit(exitCodes.done);
      }
      if (stream === process.stdout) process.stderr.write(`error: cannot write the output: ${error.message}\n`);
      process.exit(exitCodes.failed);
    });
  }
  return {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    interactive: process.stderr.isTTY,
  };
}

/** Prints an error for a person and returns the exit code: 2 for a wrong call, 130 when interrupted, else 1. */
export function reportError(error: unknown, terminal: Terminal): number {
  if (!(error instanceof WeakspotError)) {
    // A fault of ours: the stack is what a report needs, after what a person needs.
    terminal.err(`error: Weakspot failed unexpectedly: ${messageOf(error)}`);
    terminal.err('hint: Please report it, with the command and these lines:');
    if (error instanceof Error && error.stack !== undefined) terminal.err(error.stack);
    return exitCodes.failed;
  }
  // Whoever interrupts knows why: that is no error.
  terminal.err(error.code === 'aborted' ? error.message : `error: ${error.message}`);
  if (error.hint !== undefined) terminal.err(`hint: ${error.hint}`);
  if (error.code === 'aborted') return exitCodes.interrupted;
  return error.code === 'usage' || error.code === 'config' ? exitCodes.usage : exitCodes.failed;
}

/** Writes one line for each problem found in data. */
export function reportIssues(issues: readonly DataIssue[], terminal: Terminal): void {
  for (const issue of issues) terminal.err(`${issue.severity}: ${formatIssue(issue)}`);
}

/** Writes a line for each device that was not taken. */
export function reportNotes(notes: readonly string[], terminal: Terminal): void {
  for (const note of notes) terminal.err(`note: ${note}`);
}

/** Says what the engine computes on, unless it is the CPU without a word to be said. */
export function reportDevice({ provider, notes }: ResolvedDevice, terminal: Terminal): void {
  reportNotes(notes, terminal);
  if (provider !== 'cpu' || notes.length > 0) terminal.err(`device: ${provider}`);
}

/** `1 image`, `12 images`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `1:05` or `2:03:05` */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
