import { cpus } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder, writeTree } from '../data/testing/files.js';
import { deviceName } from './name.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

describe('deviceName', () => {
  it('names the processor and its threads', () => {
    const words = (cpus()[0]?.model ?? '').split(/\s+/).filter((word) => word !== '');
    for (const word of words) expect(deviceName('cpu', 2)).toContain(word);
    expect(deviceName('cpu', 2)).toMatch(/, 2 threads$/);
    expect(deviceName('cpu', 1)).toMatch(/, 1 thread$/);
  });

  it('names an NVIDIA card where its driver does, and does not guess', () => {
    const information = 'Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 26\n';
    const one = writeTree(join(folder, 'one'), { '0000:01:00.0/information': information });
    expect(deviceName('cuda', 1, one)).toBe('NVIDIA H100 80GB HBM3');
    const two = writeTree(join(folder, 'two'), { 'a/information': information, 'b/information': information });
    expect(deviceName('cuda', 1, two)).toBe('one of 2 NVIDIA H100 80GB HBM3');
    expect(deviceName('cuda', 1, join(folder, 'none'))).toBe('an NVIDIA card');
    expect(deviceName('webgpu', 1)).toBe('the adapter that WebGPU prefers');
  });
});
