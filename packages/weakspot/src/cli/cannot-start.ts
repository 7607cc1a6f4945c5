import { messageOf } from '@weakspot/core';
import { doctorCommand } from './doctor.js';
import { runVerbs } from './program.js';
import { exitCodes, processTerminal } from './terminal.js';

/**
 * The command line where the engine or the image library, which the other verbs import, cannot be loaded: says so, and
 * only `weakspot doctor` works. Returns the exit code.
 */
export async function cannotStart(args: readonly string[], error: unknown): Promise<number> {
  const terminal = processTerminal();
  if (args[0] === 'doctor') return runVerbs([doctorCommand], args, terminal);
  terminal.err(`error: Weakspot cannot start: ${messageOf(error)}`);
  terminal.err('hint: "weakspot doctor" shows what is missing; "npm ci" reinstalls everything.');
  return exitCodes.failed;
}
