import { readFile } from 'node:fs/promises';
import type { MaskRegion } from '@weakspot/core';
import { clipRegion, messageOf, regionBounds } from '@weakspot/core';
import { decodeImage, imageSize } from '../decode.js';
import type { DecodedImage, ImageSize } from '../image.js';
import type { IssueList, IssuePlace } from '../issues.js';
import type { FoundImage } from './found-images.js';
import type { MaskBudget } from './mask-budget.js';

/** How much width by height of a mask may differ from that of its film: some were made of films of another size. */
const SAME_ASPECT = 0.05;

/**
 * The mask of an abnormality among the files of its folder or series, where a crop of the film lies beside it, under either
 * name: the mask is as large as the film. Undefined, with a warning, where there is none or it can't be read.
 *
 * @param film Its size.
 */
export async function readCbisMask(
  candidates: readonly FoundImage[],
  film: ImageSize,
  place: IssuePlace,
  budget: MaskBudget,
  issues: IssueList,
): Promise<{ region: MaskRegion; within: ImageSize } | undefined> {
  try {
    const sizes = await Promise.all(candidates.map(async (image) => ({ image, ...(await imageSize(image.path)) })));
    const [largest] = sizes.toSorted((a, b) => b.width * b.height - a.width * a.height);
    if (largest === undefined || !isWhole(largest, film)) {
      issues.warning('abnormalities without a mask', 'the mask of this abnormality is missing', place);
      return undefined;
    }
    const { path } = largest.image;
    const { width, height, pixels } = await decodeImage(await readFile(path), path);
    const set = brighterHalf(pixels);
    const whole: MaskRegion = { kind: 'mask', x0: 0, y0: 0, width, height, pixels: set };
    const region = clipRegion(whole, width, height);
    if (region?.kind !== 'mask') {
      issues.warning('empty masks', 'no pixel of the mask is set: left out', { file: path });
      return undefined;
    }
    const { x0, y0, x1, y1 } = regionBounds(region);
    const refusal = budget.take(x1 - x0, y1 - y0);
    if (refusal === undefined) return { region, within: { width, height } };
    issues.error(refusal, { file: path });
  } catch (error) {
    issues.warning('masks that cannot be read', `${messageOf(error)}: left out`, place);
  }
  return undefined;
}

/** Masks are 0 and 255; copies of them in JPEG have traces between. */
function brighterHalf(pixels: DecodedImage['pixels']): Uint8Array {
  let most = 0;
  for (const value of pixels) most = Math.max(most, value);
  return Uint8Array.from(pixels, (value) => (most > 0 && value > most / 2 ? 1 : 0));
}

function isWhole(mask: ImageSize, film: ImageSize): boolean {
  const aspect = mask.width / mask.height / (film.width / film.height);
  return Math.abs(aspect - 1) < SAME_ASPECT && mask.width * mask.height > (film.width * film.height) / 2;
}
