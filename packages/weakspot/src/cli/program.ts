import { Command, CommanderError } from 'commander';
import { VERSION } from '../version.js';
import { optionMeant, verbMeant } from './other-names.js';
import { type Terminal, exitCodes, reportError } from './terminal.js';

/** A verb of the command line; `done` is given its exit code. */
export type Verb = (terminal: Terminal, done: (code: number) => void) => Command;

/** The command line with these verbs, writing to the terminal and leaving the process alone. */
export function makeProgram(verbs: readonly Verb[], terminal: Terminal, done: (code: number) => void): Command {
  const program = new Command('weakspot')
    .description('Learn where a lesion is from images that only say whether there is one: self-transfer learning.')
    .version(VERSION);
  const commands = verbs.map((make) => make(terminal, done));
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...commands]) {
    command
      .showHelpAfterError('(add --help for help)')
      .exitOverride()
      .configureOutput({
        writeOut: (text) => terminal.out(text.trimEnd()),
        writeErr: (text) => terminal.err(text.trimEnd()),
        outputError: (text, write) => write(withMeant(text, command)),
      });
  }
  return program;
}

/** What commander refuses, with our name for what another tool calls otherwise. */
function withMeant(text: string, { options }: Command): string {
  const [, kind, word = ''] = /^error: unknown (option|command) '([^']+)'/.exec(text) ?? [];
  const has = options.flatMap(({ long }) => long ?? []);
  const verb = kind === 'command' ? verbMeant(word) : undefined;
  const meant = kind === 'option' ? optionMeant(word, has) : verb && `weakspot ${verb}`;
  return meant === undefined ? text : `error: unknown ${kind} '${word}'\n(Did you mean ${meant}?)\n`;
}

/** Runs a command line (without node and script) with these verbs and returns the exit code. */
export async function runVerbs(verbs: readonly Verb[], args: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = exitCodes.done;
  try {
    await makeProgram(verbs, terminal, (result) => (code = result)).parseAsync([...args], { from: 'user' });
  } catch (error) {
    // commander has printed what it refused, or the help or version that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    return reportError(error, terminal);
  }
  return code;
}
