import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Provider, type ProviderReport, messageOf } from '@weakspot/core';

export interface InspectOptions {
  /** Threads of the CPU that the provider is compared with; ONNX Runtime's choice unless given. */
  readonly threads?: number;
  /** Milliseconds after which a provider counts as hanging; two minutes unless given. */
  readonly timeout?: number;
  /** The program that inspects, for tests. */
  readonly program?: URL;
}

/**
 * Inspects a provider of `onnxruntime-node` in a process of its own: a driver that crashes or hangs takes nothing with
 * it, what it prints is not shown, and a library that it lacks is named. Nothing is thrown.
 */
export async function inspectInChild(provider: Provider, options: InspectOptions = {}): Promise<ProviderReport> {
  const { threads, timeout = 120_000, program = new URL('./inspect-process.js', import.meta.url) } = options;
  let child: ChildProcess;
  try {
    child = fork(fileURLToPath(program), [provider, threads === undefined ? '' : String(threads)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
      timeout,
      killSignal: 'SIGKILL',
    });
  } catch (error) {
    return { provider, available: false, reason: `the process that tries it did not start: ${messageOf(error)}` };
  }
  return reportOf(child, provider, timeout);
}

async function reportOf(child: ChildProcess, provider: Provider, timeout: number): Promise<ProviderReport> {
  let report: ProviderReport | undefined;
  let failure: unknown;
  let printed = '';
  const began = performance.now();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (printed = (printed + text).slice(-20_000)));
  child.on('message', (message) => (report = message as ProviderReport));
  child.on('error', (error) => (failure = error));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('close', (...end) => resolve(end));
    // A process that did not start is not closed.
    child.once('error', () => child.pid === undefined && resolve([null, null]));
  });
  if (report !== undefined) return withMissingLibrary(report, printed);
  const reason =
    performance.now() - began >= timeout
      ? `it did not answer within ${Math.round(timeout / 1000)} s`
      : failure === undefined
        ? `it ended the process that tried it (${signal ?? `exit code ${code}`})`
        : `the process that tries it did not start: ${messageOf(failure)}`;
  return { provider, available: false, reason };
}

/** The report, with the library that the system's loader did not find: the runtime prints its name, and throws without. */
function withMissingLibrary(report: ProviderReport, printed: string): ProviderReport {
  const [, library] = /([\w.+-]+\.so[\w.]*): cannot open shared object file/.exec(printed) ?? [];
  return report.available || library === undefined ? report : { ...report, reason: `${report.reason} (${library})` };
}
