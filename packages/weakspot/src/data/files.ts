import { isUtf8 } from 'node:buffer';
import { readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { messageOf, WeakspotError } from '@weakspot/core';
import { HIDDEN, type PassedOverCounts } from './passed-over.js';

/** Name endings that make a file in an image folder a sample. What it really holds, its content tells when decoded. */
const IMAGE_ENDINGS = /\.(png|l?jpe?g|jpe|jfif|tiff?|bmp|dib|pgm|pnm|webp|gif|avif|hei[cf]|jxl|dcm|dicom|ima)$/i;
const DICOM_ENDINGS = /\.(dcm|dicom|ima)$/i;

/** Endings of tables, texts, documents, programs and copies, which no walk opens: what they are, their ending tells. */
const OTHER_ENDINGS =
  /\.(csv|tsv|txt|json|jsonl|geojson|xml|ya?ml|toml|ini|cfg|conf|log|md|rst|html?|xlsx?|ods|docx?|odt|pptx?|tex|bib|py|pyc|ipynb|r|m|js|ts|sh|bat|names|ics|overlay|roi|lnk|url|bak|orig|old|tmp|part|crdownload|swp)$|~$/i;

export function hasImageEnding(name: string): boolean {
  return IMAGE_ENDINGS.test(name);
}

/**
 * Whether a file may be DICOM by its name: it ends so, or has no ending that says something else. Exports often have no
 * ending, or a number of a UID for one.
 */
export function maybeDicom(name: string): boolean {
  return DICOM_ENDINGS.test(name) || (!hasImageEnding(name) && !OTHER_ENDINGS.test(name));
}

/** Whether a file may be an image by its name; of one that doesn't end so, its content tells. */
export function maybeImage(name: string): boolean {
  return hasImageEnding(name) || maybeDicom(name);
}

/** The ending of a name in small letters, without its dot; undefined of one without, or with a part of a UID for it. */
export function endingOf(name: string): string | undefined {
  const [, ending] = /[^/.]\.([^/.]+)$/.exec(name.replace(/~$/, '.bak')) ?? [];
  return ending === undefined || /^\d+$/.test(ending) ? undefined : ending.toLowerCase();
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

/** Told of what a listing leaves out: its path, in a form that can be shown, and the reason. */
export type LeftOutReport = (path: string, reason: string) => void;

/** Who is told of what a listing leaves out. */
export interface ListingReports {
  /** Names that are not UTF-8, and folders that can't be read; without it these are errors, and such names are listed. */
  readonly report?: LeftOutReport | undefined;
  /** What is hidden or of the operating system, and what is no file: pipes, devices, links that lead nowhere. */
  readonly passed?: PassedOverCounts | undefined;
}

/** Most files below one folder: more are no data set but, say, a whole disk. */
const MAX_FILES = 2_000_000;

/**
 * Names in a folder by kind, sorted, through links, without clutter; pipes, devices and links that lead nowhere are no
 * files. Given a `report`, names that are not UTF-8 are left out and told to it: Node opens no such file by its name.
 *
 * @throws WeakspotError `data` naming a folder that cannot be read.
 */
export async function listFolder(
  folder: string,
  { report, passed }: ListingReports = {},
): Promise<{ files: string[]; folders: string[] }> {
  const files: string[] = [];
  const folders: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw unreadableFolder(folder, error);
  });
  for (const entry of entries) {
    if (isClutter(entry.name)) {
      passed?.add(HIDDEN, folder, entry.name);
      continue;
    }
    const plain: EntryKind = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : undefined;
    // What is not UTF-8 comes as U+FFFD, with which nothing is found.
    const kind = report !== undefined && entry.name.includes('\uFFFD') ? undefined : plain;
    const found = kind ?? (await kindOf(join(folder, entry.name)));
    if (found === undefined) {
      if (!entry.name.includes('\uFFFD')) passed?.add('neither file nor folder', folder, entry.name);
    } else (found === 'file' ? files : folders).push(entry.name);
  }
  if (report !== undefined && entries.some(({ name }) => name.includes('\uFFFD'))) await reportNames(folder, report);
  return { files: files.toSorted(), folders: folders.toSorted() };
}

async function reportNames(folder: string, report: LeftOutReport): Promise<void> {
  const names = await readdir(folder, { encoding: 'buffer' }).catch(() => []);
  for (const name of names) {
    if (!isUtf8(name)) report(join(folder, escapeName(name)), 'the name is not UTF-8: rename it');
  }
}

/** The bytes of a name beyond ASCII as `\xE9`. */
function escapeName(name: Uint8Array): string {
  const letter = (byte: number): string =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return [...name].map(letter).join('');
}

/**
 * All files below a folder as sorted `/`-separated paths relative to it. Links to folders are followed, but none to a
 * folder that it lies in; a folder that several lead to is read once. Given a `report`, a folder that can't be read is
 * left out and told to it.
 *
 * @throws WeakspotError `data` naming a folder that cannot be read, or where there are more than two million files.
 */
export async function listFilesBelow(folder: string, reports: ListingReports = {}): Promise<string[]> {
  const { report } = reports;
  const found: string[] = [];
  const visited = new Set<string>();
  const visit = async (path: string, prefix: string, parent: string | undefined): Promise<void> => {
    const real = await realpath(path).catch((error: unknown) => {
      throw unreadableFolder(path, error);
    });
    if (visited.has(real) || (parent !== undefined && isWithin(parent, real))) return;
    visited.add(real);
    const { files, folders } = await listFolder(path, reports);
    // One by one: a public set has more files in a folder than a call takes arguments.
    for (const name of files) found.push(prefix + name);
    if (found.length > MAX_FILES) {
      throw new WeakspotError('data', `There are more than ${MAX_FILES} files below ${folder}`, {
        hint: "Give the data set's own folder.",
      });
    }
    for (const name of folders) await visitOrReport(join(path, name), `${prefix}${name}/`, real);
  };
  const visitOrReport: typeof visit = async (path, prefix, parent) => {
    try {
      await visit(path, prefix, parent);
    } catch (error) {
      const issue = error instanceof WeakspotError ? error.issues[0] : undefined;
      if (report === undefined || issue?.file === undefined) throw error;
      report(issue.file, issue.message);
    }
  };
  await visitOrReport(folder, '', undefined);
  return found.toSorted();
}

function unreadableFolder(folder: string, cause: unknown): WeakspotError {
  return new WeakspotError('data', `The folder ${folder} cannot be read: ${messageOf(cause)}`, {
    hint: 'Check that it exists and that you may read it.',
    cause,
    issues: [{ severity: 'error', message: `the folder cannot be read: ${messageOf(cause)}`, file: folder }],
  });
}

/** Whether a path is `folder` or lies in it. */
function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
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
