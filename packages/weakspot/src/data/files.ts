import { readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { messageOf, WeakspotError } from '@weakspot/core';

/** Name endings that make a file in an image folder a sample. What it really holds, its content tells when decoded. */
const IMAGE_ENDINGS = /\.(png|jpe?g|tiff?|pgm|pnm|webp|gif|avif|heic|jxl)$/i;

export function hasImageEnding(name: string): boolean {
  return IMAGE_ENDINGS.test(name);
}

/** Hidden files and what operating systems leave behind. */
export function isClutter(name: string): boolean {
  return name.startsWith('.') || /^(thumbs\.db|desktop\.ini|__MACOSX)$/i.test(name);
}

export type EntryKind = 'file' | 'folder' | undefined;

/** What is at a path, through links; undefined where there is nothing that can be read. */
export async function kindOf(path: string): Promise<EntryKind> {
  try {
    const info = await stat(path);
    return info.isDirectory() ? 'folder' : info.isFile() ? 'file' : undefined;
  } catch {
    return undefined;
  }
}

/** Why a path holds no usable file, or undefined where it does. The content isn't looked at. */
export async function reasonUnusable(path: string): Promise<string | undefined> {
  try {
    const info = await stat(path);
    return !info.isFile() ? 'is not a file' : info.size === 0 ? 'is empty' : undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'is missing' : `cannot be read: ${messageOf(error)}`;
  }
}

/**
 * Names in a folder by kind, sorted, through links, without clutter.
 *
 * @throws WeakspotError `data` naming a folder that cannot be read.
 */
export async function listFolder(folder: string): Promise<{ files: string[]; folders: string[] }> {
  const files: string[] = [];
  const folders: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new WeakspotError('data', `The folder ${folder} cannot be read: ${messageOf(error)}`, {
      hint: 'Check that it is there and that you may read it.',
      cause: error,
    });
  });
  for (const entry of entries) {
    if (isClutter(entry.name)) continue;
    const plain: EntryKind = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : undefined;
    const kind = plain ?? (await kindOf(join(folder, entry.name)));
    if (kind !== undefined) (kind === 'file' ? files : folders).push(entry.name);
  }
  return { files: files.toSorted(), folders: folders.toSorted() };
}

/** All files below a folder as sorted `/`-separated paths relative to it; a folder linked into itself is read once. */
export async function listFilesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  const visited = new Set<string>();
  const visit = async (path: string, prefix: string): Promise<void> => {
    const real = await realpath(path);
    if (visited.has(real)) return;
    visited.add(real);
    const { files, folders } = await listFolder(path);
    found.push(...files.map((name) => prefix + name));
    for (const name of folders) await visit(join(path, name), `${prefix}${name}/`);
  };
  await visit(folder, '');
  return found.toSorted();
}

/** The sample name of a path as a table writes it, relative to `root` or absolute; `\` separates as `/` does. */
export function sampleName(root: string, written: string): string {
  const path = absolutePath(root, written);
  const inside = relative(root, path);
  const outside = isAbsolute(inside) || inside === '..' || inside.startsWith(`..${sep}`);
  return (outside && isAbsolute(written) ? path : inside).replaceAll('\\', '/');
}

export function absolutePath(root: string, written: string): string {
  return isAbsolute(written) ? resolve(written) : resolve(root, written.replaceAll('\\', '/'));
}
