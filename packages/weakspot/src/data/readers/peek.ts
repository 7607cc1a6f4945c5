import { open } from 'node:fs/promises';

/** The first bytes of a file; nothing of one that can't be read. */
export async function firstBytes(path: string, count: number): Promise<Uint8Array> {
  return (await peek(path, count, false))[0] as Uint8Array;
}

/** The beginning and the end of a text file, `count` bytes of each; nothing of one that can't be read. */
export async function textEnds(path: string, count: number): Promise<string> {
  const parts = await peek(path, count, true);
  return parts.map((part) => new TextDecoder().decode(part)).join('\n');
}

async function peek(path: string, count: number, end: boolean): Promise<Uint8Array[]> {
  try {
    const handle = await open(path);
    try {
      const info = await handle.stat();
      // A pipe might never give a byte.
      if (!info.isFile()) return [new Uint8Array()];
      const places = end && info.size > count ? [0, Math.max(count, info.size - count)] : [0];
      const parts: Uint8Array[] = [];
      for (const place of places) {
        const { buffer, bytesRead } = await handle.read(new Uint8Array(count), 0, count, place);
        parts.push(buffer.subarray(0, bytesRead));
      }
      return parts;
    } finally {
      await handle.close();
    }
  } catch {
    return [new Uint8Array()];
  }
}
