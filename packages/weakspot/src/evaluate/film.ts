import { readImage } from '../data/cache-files.js';
import { decodeImage, framesOf } from '../data/decode.js';
import { filmScanOf } from '../data/film-scan.js';
import type { DecodedImage } from '../data/image.js';
import { type PreparedImage, type Preprocessing, prepareImage } from '../data/preprocess.js';

/** What all films of one call share. */
export interface FilmSettings {
  readonly preprocessing: Preprocessing;
}

export interface FilmJob {
  readonly path: string;
  /** Of a file with several frames, from 1; the first unless given. */
  readonly frame?: number | undefined;
  /** The file's content where it is read already: shared memory, for the jobs of all its frames. */
  readonly content?: Uint8Array | undefined;
}

/** A film as decoded, to be shown, and as the network's input. */
export interface LocalizableFilm {
  readonly image: DecodedImage;
  readonly prepared: PreparedImage;
  /** How many frames the file has. */
  readonly frames: number;
}

/** @throws WeakspotError `data` where the file is missing or not a usable image, or has no such frame. */
export async function readFilm(job: FilmJob, { preprocessing }: FilmSettings): Promise<LocalizableFilm> {
  const { path, frame = 1, content } = job;
  const bytes = content ?? (await readImage(path));
  const image = await decodeImage(bytes, path, { frame, scan: await filmScanOf(path) });
  return { image, prepared: prepareImage(image, preprocessing), frames: framesOf(bytes, path) };
}
