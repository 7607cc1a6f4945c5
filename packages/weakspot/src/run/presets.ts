import type { PartialConfig } from './config.js';

/** Settings that belong together; what they leave open is their network's default, or said by the data set. */
export interface Preset {
  readonly description: string;
  readonly settings: PartialConfig;
}

export const presetNames = ['field', 'paper', 'compact', 'small'] as const;
export type PresetName = (typeof presetNames)[number];

/**
 * The presets by name. Each settles all that is otherwise chosen to suit the data set, but how it is divided, and how the classes of
 * `field` are balanced, which a set whose images may have several labels has no use for.
 */
export const presets: Readonly<Record<PresetName, Preset>> = {
  field: {
    description: 'for lesions that may lie anywhere: 96 x 96, 30 epochs; finds most, and fast',
    settings: {
      network: { name: 'field', dropout: 0.5 },
      preprocessing: { width: 96, height: 96, intensity: { range: 'display' } },
      augmentation: { shift: 14 },
      epochs: 30,
      batch: 32,
      optimizer: { learningRate: 0.002, warmup: 1 },
    },
  },
  paper: {
    description: "the paper's network and settings: 500 x 500, 100 epochs; large and slow on a CPU",
    settings: {
      network: { name: 'alexnet6', dropout: 0.5 },
      preprocessing: { width: 500, height: 500, intensity: { range: 'display' } },
      balance: 'none',
      epochs: 100,
      batch: 64,
      optimizer: { learningRate: 0.005, warmup: 0 },
    },
  },
  compact: {
    description:
      'for radiographs whose lesions keep to one place, chosen in trials on such a set: 160 x 160, 50 epochs',
    settings: {
      network: { name: 'compact', dropout: 0.5 },
      preprocessing: { width: 160, height: 160, intensity: { range: 'display' } },
      balance: 'none',
      epochs: 50,
      batch: 32,
      optimizer: { learningRate: 0.005, warmup: 0 },
    },
  },
  small: {
    description: 'for small images and quick trials: 128 x 128, 25 epochs',
    settings: {
      network: { name: 'small', dropout: 0.2 },
      preprocessing: { width: 128, height: 128, intensity: { range: 'display' } },
      balance: 'none',
      epochs: 25,
      batch: 16,
      optimizer: { learningRate: 0.01, warmup: 1 },
    },
  },
};
