import { hasImageEnding } from '../files.js';
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
  readonly #byName: ReadonlyMap<string, FoundImage>;
  readonly #byStem: ReadonlyMap<string, readonly FoundImage[]>;

  constructor(images: Iterable<FoundImage>) {
    const byName = new Map<string, FoundImage>();
    const byStem = new Map<string, FoundImage[]>();
    for (const image of images) {
      byName.set(image.name, image);
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
   * folders before it as agree are taken. The case and the ending may differ where no file agrees in them.
   *
   * @param written As the annotation has it.
   * @param folder The annotation's own, relative to the set's; empty where it is the same.
   */
  find(written: string, folder: string): readonly FoundImage[] {
    const parts = written
      .replaceAll('\\', '/')
      .split('/')
      .filter((part) => part !== '' && part !== '.');
    const direct =
      this.#byName.get([...(folder === '' ? [] : [folder]), ...parts].join('/')) ?? this.#byName.get(parts.join('/'));
    if (direct !== undefined) return [direct];
    const base = parts.at(-1) ?? '';
    const namesakes = this.#byStem.get(stemOf(base)) ?? [];
    if (namesakes.length < 2 || namesakes.length > MAX_NAMESAKES) return namesakes;
    const exact = namesakes.filter(({ name }) => name.split('/').at(-1) === base);
    const pictures = (exact.length > 0 ? exact : namesakes).filter(({ name }) => !isAmongOverlays(name));
    return best(pictures.length > 0 ? pictures : namesakes, parts, folder.split('/'));
  }
}

/** Those that agree in most parts from the end with the written path, and then in most from the start with the folder. */
function best(images: readonly FoundImage[], written: readonly string[], folder: readonly string[]): FoundImage[] {
  const scores = images.map(({ name }) => {
    const parts = name.split('/');
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
  const base = (name.split('/').at(-1) ?? '').toLowerCase();
  return hasImageEnding(base) ? base.replace(/\.[^.]*$/, '') : base;
}
