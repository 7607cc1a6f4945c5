import { hasImageEnding } from '../files.js';
import { NameIndex, nameKey, pathInUrl } from '../names.js';
import type { FoundImage } from './found-images.js';

/** Files of one name in different folders that are compared; more of them can't be told apart. */
const MAX_NAMESAKES = 1000;

/** Folders of pictures that show annotations. */
const OVERLAYS = /^(masks?|labels?|annotations?|gt|ground[-_ ]?truths?|segmentation.*|overlays?|visuali[sz]ations?)$/i;

/** Whether a picture lies where masks and drawn annotations do. */
export function isAmongOverlays(name: string): boolean {
  return name
    .split('/')
    .slice(0, -1)
    .some((part) => OVERLAYS.test(part));
}

/** Finds the images of a set by the names that annotations have for them. */
export class ImageIndex {
  readonly #byName: NameIndex<FoundImage>;
  readonly #byStem: ReadonlyMap<string, readonly FoundImage[]>;

  constructor(images: Iterable<FoundImage>) {
    const byName = new NameIndex<FoundImage>();
    const byStem = new Map<string, FoundImage[]>();
    for (const image of images) {
      byName.add(image.name, image);
      const stem = stemOf(image.name);
      const others = byStem.get(stem);
      if (others === undefined) byStem.set(stem, [image]);
      else others.push(image);
    }
    this.#byName = byName;
    this.#byStem = byStem;
  }

  /**
   * The image that is meant; none where it isn't there, several where it can't be told which. A name may be relative to the
   * annotation's folder, to the set's, or to one that is elsewhere by now, of which the file's own name and as many of the
   * folders before it as agree are taken; it may be a URL. Names are compared as of `nameKey`; the case and the ending may
   * differ where no file agrees in them.
   *
   * @param written As the annotation has it.
   * @param folder The annotation's own, relative to the set's; empty where it is the same.
   */
  find(written: string, folder: string): readonly FoundImage[] {
    // As it is written first: a file may be called `50%25.png`.
    const exact = this.#direct(partsOf(written.replaceAll('\\', '/')), folder);
    if (exact.length === 1) return exact;
    const parts = partsOf(nameKey(pathInUrl(written)));
    const direct = this.#direct(parts, folder);
    if (direct.length > 0) return direct;
    const base = parts.at(-1) ?? '';
    const namesakes = this.#byStem.get(stemOf(base)) ?? [];
    if (namesakes.length < 2 || namesakes.length > MAX_NAMESAKES) return namesakes;
    const same = namesakes.filter(({ name }) => nameKey(name).split('/').at(-1) === base);
    const pictures = (same.length > 0 ? same : namesakes).filter(({ name }) => !isAmongOverlays(name));
    return best(pictures.length > 0 ? pictures : namesakes, parts, partsOf(nameKey(folder)));
  }

  #direct(parts: readonly string[], folder: string): readonly FoundImage[] {
    const inFolder = this.#byName.find([...partsOf(folder), ...parts].join('/'));
    return inFolder.length > 0 ? inFolder : this.#byName.find(parts.join('/'));
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

/** Whether all of them have one name, but for how it is written in Unicode or as a URL. */
export function areOneName(images: readonly FoundImage[]): boolean {
  return new Set(images.map(({ name }) => nameKey(name))).size < images.length;
}

/** Those that agree in most parts from the end with the written path, and then in most from the start with the folder. */
function best(images: readonly FoundImage[], written: readonly string[], folder: readonly string[]): FoundImage[] {
  const scores = images.map(({ name }) => {
    const parts = nameKey(name).split('/');
    const same = agreeing(parts.toReversed().slice(1), written.toReversed().slice(1));
    return same * 1000 + Math.min(999, agreeing(parts.slice(0, -1), folder));
  });
  const most = Math.max(...scores);
  return images.filter((_, i) => scores[i] === most);
}

function agreeing(a: readonly string[], b: readonly string[]): number {
  let count = 0;
  while (count < a.length && count < b.length && a[count] === b[count]) count++;
  return count;
}

/** In small letters, without the ending of an image: `scan.1` has none. */
function stemOf(name: string): string {
  const base = (nameKey(name).split('/').at(-1) ?? '').toLowerCase();
  return hasImageEnding(base) ? base.replace(/\.[^.]*$/, '') : base;
}
