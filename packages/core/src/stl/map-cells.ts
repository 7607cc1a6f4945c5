import { type Network, type ReceptiveField, receptiveField } from '../network/index.js';
import type { MapChoice } from './evidence.js';
import { layerCamLayer } from './layer-cam.js';

/**
 * Where the cells of a map lie, by the strides, kernels and paddings of all layers before it: cell i along either axis is centred
 * at `centre + i * stride` pixels of the network's input. LayerCAM's cells are those of the layer it asks for, the others those of
 * the trunk's last.
 */
export function mapCells(network: Network, map: MapChoice): Pick<ReceptiveField, 'centre' | 'stride'> {
  const { centre, stride } = receptiveField(network, map === 'layercam' ? layerCamLayer(network) : undefined);
  return { centre, stride };
}
