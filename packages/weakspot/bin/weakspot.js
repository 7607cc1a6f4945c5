#!/usr/bin/env node
import { main } from '../dist/cli/main.js';

// ONNX Runtime reports its use to its makers unless told not to. Those who want that set the variable to the empty string.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

process.exitCode = await main(process.argv.slice(2));
