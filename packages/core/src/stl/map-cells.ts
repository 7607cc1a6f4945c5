import { WeakspotError } from '../errors.js';
import { createGraph, float32 } from '../graph/index.js';
import { type Network, type TrunkLayer, buildTrunkLayers, receptiveField } from '../network/index.js';
import { type MapChoice, mapParts } from './evidence.js';
import { type Flips, cellsApart } from './flips.js';
import { layerCamLayer } from './layer-cam.js';

/** What mirroring an input depends on. */
export interface MirroredInput {
  /** Size of the network's input, pixels. */
  readonly width: number;
  readonly height: number;
  readonly flips: Flips;
}

/** Where the cells of a map lie: cell i along an axis is centred at `centre + i * stride` pixels of the network's input. */
export interface MapCells {
  /** One for both axes, or one for each: that of a map that is averaged over mirror images depends on the input's size. */
  readonly centre: number | { readonly x: number; readonly y: number };
  readonly stride: number;
}

/**
 * Where the cells of a map lie, by the strides, kernels and paddings of all layers before it. LayerCAM's cells are those of the
 * layer it asks for, the others those of the trunk's last.
 *
 * Along an axis of W pixels and h cells, with the centres `c + i s`, those of a map of the mirrored image that is mirrored back are
 * `W - c - (h - 1 - i) s`. The mean of the two (see `meanOverFlips`) lies half way between those that are nearest to each other. Its n
 * cells, h and as many more as one map reaches beyond the other, are centred at `(W - (n - 1) s) / 2 + i s`: in the middle of the input.
 *
 * @param mirrored Of a map that is averaged over mirror images (`+flips`), which needs it; of others it is not read.
 * @throws WeakspotError `usage` if it is missing.
 */
export function mapCells(network: Network, map: MapChoice, mirrored?: MirroredInput): MapCells {
  const { base, flips } = mapParts(map);
  const layer = base === 'layercam' ? layerCamLayer(network) : network.trunk.at(-1);
  const { centre, stride } = receptiveField(network, layer);
  if (!flips) return { centre, stride };
  if (mirrored === undefined) {
    throw new WeakspotError(
      'usage',
      `Where the cells of the map "${map}" lie depends on the input's size and the flips.`,
    );
  }
  const [rows, columns] = cellsOf(network, layer, mirrored);
  const middle = (side: number, count: number): number => {
    const cells = count + Math.abs(cellsApart(side, count, { centre, stride }));
    return (side - (cells - 1) * stride) / 2;
  };
  return {
    centre: {
      x: mirrored.flips.horizontal ? middle(mirrored.width, columns) : centre,
      y: mirrored.flips.vertical ? middle(mirrored.height, rows) : centre,
    },
    stride,
  };
}

/** How many cells a layer has down and across, by the shapes of a graph. */
function cellsOf(
  network: Network,
  layer: TrunkLayer | undefined,
  { width, height }: Pick<MirroredInput, 'width' | 'height'>,
): [number, number] {
  const graph = createGraph();
  const images = graph.input('images', float32([1, 1, height, width]));
  const built = buildTrunkLayers(images, network, ({ name, shape }) => graph.input(name, float32(shape)));
  const [, , rows = 0, columns = 0] = built.find((one) => one.layer === layer)?.value.type.shape ?? [];
  return [rows, columns];
}
