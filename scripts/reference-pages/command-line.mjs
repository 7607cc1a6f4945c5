// @ts-check
import { createProgram } from '../../packages/weakspot/dist/cli/main.js';
import { code, generatedNotice, table } from './markdown.mjs';

/** @typedef {import('commander').Command} Command */

/** docs/reference/cli.md */
export function commandLinePage() {
  const silent = { out: () => {}, err: () => {}, interactive: false };
  const program = createProgram(silent, () => {});
  return `${generatedNotice}

# Command line

${program.description()}

    weakspot <verb> [what] --option

${table(
  ['Verb', 'What it does'],
  program.commands.map((command) => [`[${code(command.name())}](#weakspot-${command.name()})`, command.summary()]),
)}

\`weakspot --help\` and \`weakspot VERB --help\` print the same; \`weakspot --version\` prints the version. Results go to
standard output, messages about the work to standard error: a progress bar on a terminal, plain lines elsewhere.

Ctrl-C (or SIGTERM) stops a command and lets it save its work. Ctrl-C again, after a second, stops it at once. Exit codes: 0 done, 1 failed, 2 wrong usage or
configuration, 130 interrupted; see [Errors](errors.md).

${program.commands.map(describeVerb).join('\n\n')}
`;
}

/** @param {Command} command */
function describeVerb(command) {
  const values = command.registeredArguments;
  const usage = ['weakspot', command.name(), ...values.map(argumentName), '[options]'].join(' ');
  const rows = command.options.map((option) => [code(option.flags), describeOption(option)]);
  const described = values.map((value) => [code(argumentName(value)), value.description]);
  return `## weakspot ${command.name()}

    ${usage}

${command.description().replaceAll('\n', ' ')}

${described.length === 0 ? '' : table(['Argument', 'What it is'], described)}

${table(['Option', 'What it does'], rows)}${examplesOf(command)}`;
}

/** @param {import('commander').Argument} value */
function argumentName(value) {
  const name = value.name() + (value.variadic ? '...' : '');
  return value.required ? `<${name}>` : `[${name}]`;
}

/** @param {import('commander').Option} option */
function describeOption({ description, argChoices, defaultValue, mandatory, negate }) {
  const notes = [];
  if (mandatory) notes.push('required');
  if (argChoices !== undefined) notes.push(`one of ${argChoices.map(code).join(', ')}`);
  // The default of a flag `--no-x` is that of x: on, which its name says; an empty object is "nothing set".
  const hasDefault = !negate && (typeof defaultValue === 'string' || typeof defaultValue === 'number');
  if (hasDefault) notes.push(`default ${code(String(defaultValue))}`);
  return notes.length === 0 ? description : `${description}; ${notes.join('; ')}`;
}

/**
 * The examples that a verb's help ends with, as a code block.
 * @param {Command} command
 */
function examplesOf(command) {
  /** @type {string[]} */
  const written = [];
  command.configureOutput({ writeOut: (text) => written.push(text), writeErr: () => {} });
  command.outputHelp();
  const [, examples] = written.join('').split('\nExamples:\n');
  if (examples === undefined) return '';
  const lines = examples.trimEnd().split('\n');
  return `\n\nExamples:\n\n${lines.map((line) => `    ${line.trim()}`).join('\n')}`;
}
