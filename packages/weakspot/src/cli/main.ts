import type { Command } from 'commander';
import { compareCommand } from './compare.js';
import { doctorCommand } from './doctor.js';
import { evaluateCommand } from './evaluate.js';
import { exportCommand } from './export.js';
import { inspectCommand } from './inspect.js';
import { localizeCommand } from './localize.js';
import { phantomCommand } from './phantom.js';
import { makeProgram, runVerbs } from './program.js';
import { reportCommand } from './report.js';
import { splitCommand } from './split.js';
import { type Terminal, processTerminal } from './terminal.js';
import { trainCommand } from './train.js';

const verbs = [
  phantomCommand,
  inspectCommand,
  splitCommand,
  trainCommand,
  evaluateCommand,
  compareCommand,
  localizeCommand,
  reportCommand,
  exportCommand,
  doctorCommand,
];

/**
 * Runs a command line (without node and script) and returns the exit code: 0 done, 1 failed, 2 wrong usage, 130
 * interrupted.
 */
export async function main(args: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  return runVerbs(verbs, args, terminal);
}

/** The command line with all its verbs; `done` is given a verb's exit code. */
export function createProgram(terminal: Terminal, done: (code: number) => void): Command {
  return makeProgram(verbs, terminal, done);
}
