import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MaskRegion } from '@weakspot/core';
import { clipRegion, messageOf, regionBounds } from '@weakspot/core';
import { decodeImage } from '../decode.js';
import { hasImageEnding } from '../files.js';
import type { RegionRow } from '../ground-truth.js';
import type { IssueList } from '../issues.js';
import type { FoundImage } from './found-images.js';
import { stemOf } from './found-images.js';
import { mapReporting } from './map-reporting.js';
import { MaskBudget } from './mask-budget.js';

/** Masks decoded at once. */
const CONCURRENCY = 2;

/**
 * The lesions on mask images, one image each, of the radiograph's size and named after it, the abnormality and a number:
 * `CHNCXR_0330_1_Pleural_Effusion_2.png`. What is not 0 belongs to the lesion. Masks of images that are not there are not
 * read; one that can't be decoded is reported and left out.
 */
export async function readLesionMasks(
  root: string,
  masks: readonly string[],
  images: ReadonlyMap<string, FoundImage>,
  issues: IssueList,
  signal: AbortSignal | undefined,
): Promise<RegionRow[]> {
  const wanted = masks.filter(hasImageEnding).flatMap((name) => {
    const [, id = '', label] = /^(CHNCXR_\d{4}_[01])_(.+?)(?:_\d+)?$/i.exec(stemOf(name)) ?? [];
    const image = images.get(id.toUpperCase());
    return image === undefined ? [] : [{ image: image.name, label, file: join(root, name) }];
  });
  const budget = new MaskBudget();
  const rows = await mapReporting(
    wanted,
    CONCURRENCY,
    issues,
    async ({ image, label, file }, own): Promise<RegionRow | undefined> => {
      try {
        const { width, height, pixels } = await decodeImage(await readFile(file), file);
        const set = Uint8Array.from(pixels, (value) => (value === 0 ? 0 : 1));
        const whole: MaskRegion = { kind: 'mask', x0: 0, y0: 0, width, height, pixels: set };
        const region = clipRegion(whole, width, height);
        if (region === undefined) {
          own.warning('empty masks', 'no pixel of the mask is set: left out', { file });
          return undefined;
        }
        const { x0, y0, x1, y1 } = regionBounds(region);
        const tooLarge = budget.take(x1 - x0, y1 - y0);
        if (tooLarge === undefined) return { name: image, region, within: { width, height }, label, place: { file } };
        own.error(tooLarge, { file });
      } catch (error) {
        own.warning('masks that cannot be read', `${messageOf(error)}: left out`, { file });
      }
      return undefined;
    },
    signal,
  );
  return rows.filter((row) => row !== undefined);
}
