import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TrainEvent, TrainingRequest } from '../index.js';

/** SwiftShader, a Vulkan GPU in software that Debian's chromium brings. */
const DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Whether WebGPU can have a GPU in software. */
export const hasSoftwareGpu = process.platform === 'linux' && process.arch === 'x64' && existsSync(DRIVER);

/** The events of a training in a process of its own, whose WebGPU has a GPU in software. */
export async function trainOnSoftwareGpu(request: TrainingRequest): Promise<TrainEvent[]> {
  const script = fileURLToPath(new URL('./train-process.js', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(request)], {
    // The driver is looked for when the process starts.
    env: { ...process.env, VK_ICD_FILENAMES: DRIVER },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, complaints] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...end) => resolve(end));
  });
  if (code !== 0) throw new Error(`training ended with ${signal ?? code}: ${complaints.slice(-2000)}`);
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as TrainEvent);
}
