import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { WeakspotError } from '@weakspot/core';
import sharp from 'sharp';

/** A fresh folder for one test file's data, and how to remove it. */
export function temporaryFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'weakspot-data-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Writes files, making their folders, and returns `folder`. */
export function writeTree(folder: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** A grey PNG of 8 or 16 bits, by the array's type. */
export async function greyPng(pixels: Uint8Array | Uint16Array, width: number, height: number): Promise<Buffer> {
  const image = sharp(pixels, { raw: { width, height, channels: 1 } });
  return image
    .toColourspace(pixels instanceof Uint16Array ? 'grey16' : 'b-w')
    .png()
    .toBuffer();
}

/** A raw PGM of one grey value, the quickest image file to make. */
export function flatPgm(width: number, height: number, value = 7): Uint8Array {
  const header = new TextEncoder().encode(`P5 ${width} ${height} 255\n`);
  const file = new Uint8Array(header.length + width * height).fill(value);
  file.set(header);
  return file;
}

/** The WeakspotError that the call ends with. */
export async function failureOf(call: () => unknown): Promise<WeakspotError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof WeakspotError) return error;
    throw error;
  }
  throw new Error('the call did not fail');
}
