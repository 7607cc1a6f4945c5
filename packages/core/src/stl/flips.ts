import { type Value, add, concat, reverse, scale, slice } from '../graph/index.js';
import type { ReceptiveField } from '../network/index.js';
import type { Pooled } from './pooling.js';

/** How images are mirrored for a mean over mirror images; at least one of the two. */
export interface Flips {
  /** Left to right. */
  readonly horizontal: boolean;
  /** Top to bottom; with `horizontal` an image is also mirrored both ways, which is half a turn. */
  readonly vertical: boolean;
}

/** Where the cells of a map lie along both axes. */
type Cells = Pick<ReceptiveField, 'centre' | 'stride'>;

/** [N, C, H, W] */
const AXES = { vertical: 2, horizontal: 3 } as const;

/** Axes that each pass reverses: none for the image itself, which is the first. */
function passesOf({ horizontal, vertical }: Flips): number[][] {
  const across = horizontal ? [[], [AXES.horizontal]] : [[]];
  return vertical ? [...across, ...across.map((axes) => [AXES.vertical, ...axes])] : across;
}

/**
 * By how many cells a map of the mirrored image, mirrored back, lies further from the start of an axis than that of the image, to
 * half a cell. Of `count` cells at `centre + i stride` in an input of `side` pixels those mirrored back are at
 * `side - centre - (count - 1 - i) stride`.
 */
export function cellsApart(side: number, count: number, { centre, stride }: Cells): number {
  const apart = (side - 2 * centre - (count - 1) * stride) / stride;
  return Math.sign(apart) * Math.max(0, Math.ceil(Math.abs(apart) - 0.5));
}

/**
 * What a pass makes of images [N, C, H, W], as the mean over the images and their mirror images: of the logits, and of the maps, each
 * mirrored back. Without flips it is the pass itself.
 *
 * The mean is taken cell by cell, of the cells that lie nearest to each other. They are up to half a cell apart, and it lies half way
 * between them (see `mapCells`): so much less sharp is it. Where one map reaches beyond the other by a cell or more (`cellsApart`),
 * the other's border is repeated, as it is wherever a map is interpolated.
 *
 * @param cells Those of the pass's maps.
 */
export function meanOverFlips(
  images: Value,
  flips: Flips | undefined,
  cells: Cells,
  pass: (images: Value) => Pooled,
): Pooled {
  if (flips === undefined) return pass(images);
  const passes = passesOf(flips).map((axes) => {
    const { maps, logits } = pass(reverse(images, axes));
    const mirrored = { [AXES.vertical]: flips.vertical, [AXES.horizontal]: flips.horizontal };
    const placed = ([AXES.vertical, AXES.horizontal] as const).reduce(
      (map, axis) => {
        if (!mirrored[axis]) return map;
        const apart = cellsApart(images.type.shape[axis] ?? 0, maps.type.shape[axis] ?? 0, cells);
        // The map that lies further from the start is lengthened there.
        const atStart = axes.includes(axis) ? apart > 0 : apart < 0;
        return repeatBorder(map, axis, Math.abs(apart), atStart);
      },
      reverse(maps, axes),
    );
    return { maps: placed, logits };
  });
  const meanOf = (values: readonly Value[]): Value => scale(values.reduce(add), 1 / values.length);
  return { maps: meanOf(passes.map(({ maps }) => maps)), logits: meanOf(passes.map(({ logits }) => logits)) };
}

/** The maps with `count` more cells along an axis, at its start or its end, each with the value of the outermost. */
function repeatBorder(maps: Value, axis: number, count: number, atStart: boolean): Value {
  if (count === 0) return maps;
  const { shape } = maps.type;
  const [from, to] = atStart ? [0, 1] : [(shape[axis] ?? 0) - 1, shape[axis] ?? 0];
  const border = slice(
    maps,
    shape.map((_, i) => (i === axis ? from : 0)),
    shape.map((extent, i) => (i === axis ? to : extent)),
  );
  const added = Array.from({ length: count }, () => border);
  return concat((atStart ? [...added, maps] : [maps, ...added]) as [Value, ...Value[]], axis);
}
