import { Command, CommanderError } from 'commander';
import { VERSION } from '../version.js';
import { evaluateCommand } from './evaluate.js';
import { exportCommand } from './export.js';
import { localizeCommand } from './localize.js';
import { phantomCommand } from './phantom.js';
import { type Terminal, exitCodes, processTerminal, reportError } from './terminal.js';
import { trainCommand } from './train.js';

/**
 * Runs a command line (without node and script) and returns the exit code: 0 done, 1 failed, 2 wrong usage, 130
 * interrupted.
 */
export async function main(args: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  let code: number = exitCodes.done;
  try {
    await createProgram(terminal, (result) => (code = result)).parseAsync([...args], { from: 'user' });
  } catch (error) {
    // commander has printed what it refused, or the help or version that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    return reportError(error, terminal);
  }
  return code;
}

/** The command line with all its verbs; `done` is given a verb's exit code. */
export function createProgram(terminal: Terminal, done: (code: number) => void): Command {
  const program = new Command('weakspot')
    .description('Learn where a lesion is from images that only say whether there is one: self-transfer learning.')
    .version(VERSION);
  const commands = [phantomCommand, trainCommand, evaluateCommand, localizeCommand, exportCommand].map((make) =>
    make(terminal, done),
  );
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...commands]) {
    command
      .showHelpAfterError('(add --help for help)')
      .exitOverride()
      .configureOutput({
        writeOut: (text) => terminal.out(text.trimEnd()),
        writeErr: (text) => terminal.err(text.trimEnd()),
      });
  }
  return program;
}
