import type { WorkerOptions } from 'node:worker_threads';

/**
 * Options that any thread needs. A thread inherits the process's flags; with --input-type, as of
 * "node --input-type=module -e", no file may be run.
 */
export function threadOptions(): Pick<WorkerOptions, 'execArgv'> {
  return process.execArgv.some((flag) => flag.startsWith('--input-type')) ? { execArgv: [] } : {};
}
