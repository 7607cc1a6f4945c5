import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** SwiftShader, a Vulkan GPU in software that Debian's chromium brings. */
const DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';

const isThere = process.platform === 'linux' && process.arch === 'x64' && existsSync(DRIVER);

/** The environment that gives WebGPU a GPU in software; undefined where there is none. It must be set from the start. */
export const softwareGpu: Readonly<Record<string, string>> | undefined = isThere
  ? { VK_ICD_FILENAMES: DRIVER }
  : undefined;

/** What a check gave: its error, or in words what is wrong. */
export interface CheckResult {
  readonly name: string;
  readonly error?: number | 'NaN';
  readonly problem?: string;
}

/** All checks on a provider, in a process of its own; an error if that process ends before its last line. */
export async function checkInProcess(
  provider: string,
  environment: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, CheckResult>> {
  const script = fileURLToPath(new URL('./process.js', import.meta.url));
  const child = spawn(process.execPath, [script, provider], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, complaints] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...end) => resolve(end));
  });
  if (code !== 0) throw new Error(`the checks on ${provider} ended with ${signal ?? code}: ${complaints.slice(-2000)}`);
  const results = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as CheckResult);
  return new Map(results.map((result) => [result.name, result]));
}
