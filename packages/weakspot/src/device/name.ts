import { readFileSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Provider } from '@weakspot/core';

/** Where Linux's NVIDIA driver lists its cards. */
const NVIDIA = '/proc/driver/nvidia/gpus';

/**
 * What a provider computes on, for a person: the processor and how many of its threads, or the card as far as it can be told.
 * ONNX Runtime does not tell which adapter WebGPU, DirectML or CoreML took.
 * @param threads Of the CPU.
 * @param cards Folder of the NVIDIA driver, for tests.
 */
export function deviceName(provider: Provider, threads: number, cards: string = NVIDIA): string {
  switch (provider) {
    case 'cpu': {
      const model = cpus()[0]?.model.replaceAll(/\s+/g, ' ').trim() || process.arch;
      return `${model}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
    }
    case 'cuda': {
      const [first, ...others] = nvidiaCards(cards);
      return first === undefined
        ? 'an NVIDIA card'
        : others.length === 0
          ? first
          : `one of ${others.length + 1} ${first}`;
    }
    case 'webgpu':
      return 'the adapter that WebGPU prefers';
    case 'dml':
      return 'the adapter that DirectML prefers';
    case 'coreml':
      return 'what CoreML prefers';
  }
}

function nvidiaCards(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((card) => {
      const [, model] = /^Model:\s*(.+)$/m.exec(readFileSync(join(folder, card, 'information'), 'utf8')) ?? [];
      return model === undefined ? [] : [model.trim()];
    });
  } catch {
    // Another system, or no driver.
    return [];
  }
}
