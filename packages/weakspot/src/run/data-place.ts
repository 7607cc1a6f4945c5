import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { kindOf } from '../data/files.js';
import type { RunConfig } from './config.js';

/** Where a run's data are, if not where they were when it began. */
export interface DataPlace {
  /** As the configuration's `data.path`. */
  readonly path: string;
  /** As `data.images`; where it was unless given, or in the new place where it lay in the old one. */
  readonly images?: string;
  /** As `data.boxes`; likewise. */
  readonly boxes?: string;
}

/** A configuration whose data are at another place. What lay in the old place is looked for in the new one. */
export async function movedTo(config: RunConfig, place: DataPlace): Promise<RunConfig> {
  const { data } = config;
  const path = resolve(place.path);
  // Beside a label table lies what belongs to it.
  const isTable = (await kindOf(path)) === 'file';
  const [from, to] = isTable ? [dirname(data.path), dirname(path)] : [data.path, path];
  const moved = (file: string): string => {
    const inside = relative(from, file);
    return isAbsolute(inside) || inside.split(sep)[0] === '..' ? file : join(to, inside);
  };
  const { images, boxes, split } = data;
  const [imagesNow, boxesNow] = [place.images ?? (images && moved(images)), place.boxes ?? (boxes && moved(boxes))];
  return {
    ...config,
    data: {
      ...data,
      path,
      ...(imagesNow === undefined ? {} : { images: resolve(imagesNow) }),
      ...(boxesNow === undefined ? {} : { boxes: resolve(boxesNow) }),
      split: split.file === undefined ? split : { ...split, file: moved(split.file) },
    },
  };
}
