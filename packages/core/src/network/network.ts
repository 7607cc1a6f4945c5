import { WeakspotError } from '../errors.js';
import { type FieldOptions, fieldDefaults, fieldTrunk, networks } from './trunks.js';
import type { Network, NetworkName, TrunkLayer } from './types.js';

/** Changes of a network; those of the trunk are for `field` alone. */
export interface NetworkOptions extends Partial<FieldOptions> {
  /** Hidden widths of the classifier, instead of the network's own. */
  readonly classifier?: readonly number[];
  readonly dropout?: number;
}

/**
 * A network by name, with changes.
 * @throws WeakspotError `usage` if dropout lies outside [0, 1), a width is not a whole number of at least 1, or the trunk cannot be changed so.
 */
export function createNetwork(name: NetworkName, options: NetworkOptions = {}): Network {
  const base = networks[name];
  const dropout = options.dropout ?? base.dropout;
  if (!(dropout >= 0 && dropout < 1)) throw new WeakspotError('usage', `Dropout must lie in [0, 1), not ${dropout}.`);
  const classifier = options.classifier ?? base.classifier;
  for (const width of classifier) {
    if (!Number.isSafeInteger(width) || width < 1) {
      throw new WeakspotError('usage', `A hidden layer of the classifier cannot have ${width} units.`);
    }
  }
  return { ...base, name, trunk: trunkOf(name, options), classifier, dropout };
}

function trunkOf(name: NetworkName, options: NetworkOptions): readonly TrunkLayer[] {
  const changes = (Object.keys(fieldDefaults) as (keyof FieldOptions)[]).filter((key) => options[key] !== undefined);
  if (changes.length === 0) return networks[name].trunk;
  if (name !== 'field') {
    throw new WeakspotError('usage', `The trunk of ${name} has no ${changes.join(', ')} to choose.`, {
      hint: 'These are settings of the network "field".',
    });
  }
  const { normalization, width, depth, stride } = { ...fieldDefaults, ...options };
  const refuse = (message: string): never => {
    throw new WeakspotError('usage', `The trunk of field ${message}.`);
  };
  if (!(width > 0 && width <= 16)) refuse(`takes a width above 0 and up to 16, not ${width}`);
  if (!Number.isSafeInteger(depth) || depth < 1 || depth > 64) refuse(`takes a depth of 1 to 64, not ${depth}`);
  if (![2, 4, 8].includes(stride)) refuse(`takes a stride of 2, 4 or 8, not ${stride}`);
  return fieldTrunk({ normalization, width, depth, stride });
}

/** Whether a network's training sees its minibatch as a whole: its results depend on which images stand in it together. */
export function normalizesBatches({ trunk }: Pick<Network, 'trunk'>): boolean {
  return trunk.some((layer) => layer.kind === 'conv' && layer.normalization === 'batch');
}

/** Pixels of the input between neighbouring cells of the trunk's last layer: the product of all strides. */
export function strideOf(network: Network): number {
  return network.trunk.reduce((stride, layer) => stride * layer.stride, 1);
}

/** What the cells of a layer see of the input: pixels along one axis (both axes are alike). */
export interface ReceptiveField {
  /** Centre of the first cell's field, in pixels from the input's border; the next cell's is `stride` further. */
  readonly centre: number;
  readonly stride: number;
  readonly size: number;
}

/**
 * What the cells of a layer see, and so where they lie: cell i along an axis is centred at `centre + i * stride` pixels of the input.
 * A window that is cut by the border, or overhangs it (`ceil`), keeps the centre that it would have inside.
 *
 * @param last The layer; the trunk's last unless given.
 * @throws WeakspotError `usage` if the trunk has no such layer.
 */
export function receptiveField({ name, trunk }: Network, last = trunk.at(-1)): ReceptiveField {
  const index = last === undefined ? -1 : trunk.indexOf(last);
  if (index < 0) throw new WeakspotError('usage', `The network "${name}" has no layer "${last?.name}".`);
  return trunk.slice(0, index + 1).reduce<ReceptiveField>(
    ({ centre, stride, size }, layer) => ({
      centre: centre + ((layer.kernel - 1) / 2 - layer.pad[0]) * stride,
      stride: stride * layer.stride,
      size: size + (layer.kernel - 1) * stride,
    }),
    { centre: 0.5, stride: 1, size: 1 },
  );
}

/** Channels of the trunk's output. */
export function channelsOf(network: Network): number {
  const last = network.trunk.findLast((layer) => layer.kind === 'conv');
  if (last === undefined) throw new WeakspotError('usage', `The network "${network.name}" has no convolution.`);
  return last.channels;
}
