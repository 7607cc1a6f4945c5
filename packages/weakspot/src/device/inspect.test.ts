import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { providers } from '@weakspot/core';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder, writeTree } from '../data/testing/files.js';
import { inspectInChild } from './index.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** A program in the place of the one that inspects. */
function program(name: string, text: string): URL {
  writeTree(folder, { [`${name}.mjs`]: text });
  return pathToFileURL(join(folder, `${name}.mjs`));
}

describe('inspectInChild', () => {
  it('finds the CPU of this machine', async () => {
    const check = { error: 0, speed: 1 };
    expect(await inspectInChild('cpu', { threads: 1 })).toEqual({ provider: 'cpu', available: true, check });
  });

  it.each(providers)('gives an answer for %s on this machine, whatever it is', async (provider) => {
    const report = await inspectInChild(provider);
    expect(report.provider).toBe(provider);
    // One of the two: a comparison, or a reason.
    expect(report.available).toBe(report.reason === undefined);
    expect(report.available).toBe(report.check !== undefined);
  });

  it('hands on the provider and the threads, and hides what is printed', async () => {
    const echo = program(
      'echo',
      `console.log('noise'); console.error('noise');
       process.send({ provider: process.argv[2], available: false, reason: process.argv.slice(2).join() });
       process.disconnect();`,
    );
    const report = (provider: 'cpu' | 'dml', options: object) =>
      inspectInChild(provider, { ...options, program: echo });
    expect(await report('dml', { threads: 3 })).toEqual({ provider: 'dml', available: false, reason: 'dml,3' });
    expect(await report('cpu', {})).toMatchObject({ reason: 'cpu,' });
  });

  it('names the library that the system did not find', async () => {
    const lacking = program(
      'lacking',
      `console.error('[E:onnxruntime] Failed to load library /a/b.so with error: libcudart.so.12: cannot open shared object file: No such file');
       process.send({ provider: 'cuda', available: false, reason: 'no files' });
       process.disconnect();`,
    );
    expect(await inspectInChild('cuda', { program: lacking })).toMatchObject({ reason: 'no files (libcudart.so.12)' });
  });

  it.each([
    ['is killed by a fault', 'process.kill(process.pid, "SIGSEGV");', /ended the process that tried it \(SIG/],
    ['exits', 'process.exit(3);', /ended the process that tried it \(exit code 3\)/],
    ['throws', 'throw new Error("broken");', /ended the process that tried it \(exit code 1\)/],
  ])('a provider that %s is not available, and takes nothing with it', async (name, text, reason) => {
    const report = await inspectInChild('webgpu', { program: program(name.replaceAll(' ', '-'), text) });
    expect(report).toEqual({ provider: 'webgpu', available: false, reason: expect.stringMatching(reason) });
  });

  it('a provider that hangs is not waited for', async () => {
    const hanging = program('hanging', 'for (;;);');
    const report = await inspectInChild('webgpu', { program: hanging, timeout: 1000 });
    expect(report).toEqual({ provider: 'webgpu', available: false, reason: 'it did not answer within 1 s' });
  });

  it('believes a report though the process dies after it', async () => {
    const dying = program(
      'dying',
      `process.send({ provider: 'webgpu', available: true, check: { error: 0, speed: 4 } }, () => process.kill(process.pid, 'SIGKILL'));`,
    );
    expect(await inspectInChild('webgpu', { program: dying })).toMatchObject({ available: true, check: { speed: 4 } });
  });
});
