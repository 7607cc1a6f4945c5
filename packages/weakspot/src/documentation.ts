import { existsSync } from 'node:fs';

/** The package's own copy of the documentation; in a checkout, which has none, the checkout's. */
const folders = ['../docs/', '../../../docs/'].map((folder) => new URL(folder, import.meta.url));

/**
 * The URL of a page of the documentation, of this version and on this machine.
 * @param page Its path within `docs`, e.g. `how-to/train.md`.
 */
export function pageUrl(page: string): string {
  const pages = folders.map((folder) => new URL(page, folder));
  return String(pages.find((url) => existsSync(url)) ?? pages[0]);
}
