#!/usr/bin/env node

// ONNX Runtime reports its use to its makers unless told not to. Those who want that set the variable to the empty string.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

// What Node warns of concerns programmers, who can ask for it: NODE_OPTIONS=--trace-warnings.
if (!(process.env.NODE_OPTIONS ?? '').includes('--trace-')) process.removeAllListeners('warning');

// A fault of ours: what a person needs, then what a report needs.
process.on('uncaughtException', (error) => {
  process.stderr.write(`error: Weakspot failed where it should not have: ${error?.message ?? error}\n`);
  process.stderr.write('hint: Please report it, with the command and these lines:\n');
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exit(1);
});

const { main } = await import('../dist/cli/main.js').catch(async (error) => {
  const { cannotStart } = await import('../dist/cli/cannot-start.js');
  return { main: (/** @type {string[]} */ args) => cannotStart(args, error) };
});

process.exitCode = await main(process.argv.slice(2));
