#!/usr/bin/env node

// ONNX Runtime reports its use to its makers unless told not to. Those who want that set the variable to the empty string.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

const { main } = await import('../dist/cli/main.js').catch(async (error) => {
  const { cannotStart } = await import('../dist/cli/cannot-start.js');
  return { main: (/** @type {string[]} */ args) => cannotStart(args, error) };
});

process.exitCode = await main(process.argv.slice(2));
