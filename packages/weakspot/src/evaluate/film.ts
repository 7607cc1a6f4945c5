import { readImage } from '../data/cache-files.js';
import { decodeImage } from '../data/decode.js';
import { filmScanOf } from '../data/film-scan.js';
import type { DecodedImage } from '../data/image.js';
import { type PreparedImage, type Preprocessing, prepareImage } from '../data/preprocess.js';

/** What all films of one call share. */
export interface FilmSettings {
  readonly preprocessing: Preprocessing;
}

export interface FilmJob {
  readonly path: string;
}

/** A film as decoded, to be shown, and as the network's input. */
export interface LocalizableFilm {
  readonly image: DecodedImage;
  readonly prepared: PreparedImage;
}

/** @throws WeakspotError `data` where the file is missing or not a usable image. */
export async function readFilm({ path }: FilmJob, { preprocessing }: FilmSettings): Promise<LocalizableFilm> {
  const image = await decodeImage(await readImage(path), path, { scan: await filmScanOf(path) });
  return { image, prepared: prepareImage(image, preprocessing) };
}
