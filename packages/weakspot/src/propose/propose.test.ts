import { describe, expect, it } from 'vitest';
import { type PartialConfig, mergeConfigs, resolveConfig } from '../run/config.js';
import { presetNames, presets } from '../run/presets.js';
import type { SetMeasures } from './measure-set.js';
import { describeProposal, propose } from './propose.js';
import { filmMeasures as films } from './testing/measures.js';

const settingsOf = (changes: Partial<SetMeasures>, given: PartialConfig = {}): PartialConfig =>
  propose({ ...films, ...changes }, given).settings;

describe('propose', () => {
  it.each(['field', 'compact', 'small'] as const)(
    'gives %s, on as many images as it was tried with, its preset',
    (name) => {
      const options = { threads: 1, source: 'test' };
      const given = { data: { path: 'films', split: { train: 1, validation: 0, test: 0 } }, network: { name } };
      const images = name === 'small' ? 400 : 600;
      const side = name === 'field' ? 150 : 256;
      const set = { ...films, images, classes: [images / 2, images / 2], width: side, height: side, aspect: 1 };
      const proposed = resolveConfig(given, { ...options, propose: (known) => propose(set, known).settings });
      expect(proposed).toEqual(resolveConfig(mergeConfigs(presets[name].settings, given), options));
    },
  );

  it('takes the network field, and the input in the shape of the images unless they are turned by quarters', () => {
    const of = (width: number, height: number, given: PartialConfig = {}): unknown => {
      const measures = { width, height, aspect: width / height };
      const { network, preprocessing, augmentation } = settingsOf(measures, given);
      const { width: across, height: down } = preprocessing as { width: number; height: number };
      const { shift } = (augmentation ?? {}) as { shift?: number };
      return [(network as { name: string } | undefined)?.name, across, down, shift];
    };
    // Six tenths of the images' own side, from 96 to 160.
    expect(of(160, 160)).toEqual(['field', 96, 96, 14]);
    expect(of(128, 128)).toEqual(['field', 96, 96, 14]);
    expect(of(200, 200)).toEqual(['field', 120, 120, 18]);
    expect(of(272, 512)).toEqual(['field', 160, 160, 24]);
    expect(of(64, 64)).toEqual(['field', 64, 64, 10]);
    const upright = { augmentation: { quarterTurns: false } };
    expect(of(272, 512, upright)).toEqual(['field', 116, 220, 17]);
    expect(of(4000, 1000, upright)).toEqual(['field', 320, 80, 12]);
    expect(of(272, 512, { network: { name: 'compact' } })).toEqual([undefined, 128, 224, undefined]);
    expect(of(200, 100, { network: { name: 'small' } })).toEqual([undefined, 184, 88, undefined]);
    // In whole strides of the trunk that is asked for.
    expect(of(100, 100, { network: { name: 'field', stride: 8 } })).toEqual([undefined, 96, 96, 14]);
    expect(of(91, 91, { network: { name: 'field', stride: 8 } })).toEqual([undefined, 88, 88, 13]);
  });

  it('takes a square input where images are to be turned by quarters, with the side that is given', () => {
    const of = (preprocessing: object): unknown =>
      settingsOf(
        { width: 272, height: 512, aspect: 272 / 512 },
        { network: { name: 'compact' }, preprocessing, augmentation: { quarterTurns: true } },
      ).preprocessing;
    expect(of({})).toMatchObject({ width: 160, height: 160 });
    expect(of({ height: 96 })).toMatchObject({ width: 96 });
    expect(of({ width: 96 })).toMatchObject({ height: 96 });
    const { choices } = propose(films, { augmentation: { quarterTurns: true } });
    expect(choices.find(({ key }) => key === 'preprocessing.width')?.reason).toContain('square for quarter turns');
  });

  it('gives many images a larger input and fewer epochs, few images more epochs and smaller minibatches', () => {
    const of = (images: number, side: number, name: string): unknown => {
      const classes = [images / 2, images / 2];
      const measures = { images, classes, width: side, height: side };
      const { epochs, batch, preprocessing, optimizer } = settingsOf(measures, { network: { name } });
      const { width } = preprocessing as { width: number };
      return [epochs, batch, width, (optimizer as { learningRate: number }).learningRate];
    };
    // Four fifths are trained on; of fewer than 100 of a class three quarters.
    expect(of(750, 1024, 'field')).toEqual([30, 32, 160, 0.002]);
    expect(of(3000, 1024, 'field')).toEqual([15, 32, 160, 0.002]);
    expect(of(100_000, 1024, 'field')).toEqual([10, 32, 160, 0.002]);
    expect(of(160, 1024, 'field')).toEqual([60, 16, 160, 0.001]);
    expect(of(750, 1024, 'compact')).toEqual([50, 32, 160, 0.005]);
    expect(of(3000, 1024, 'compact')).toEqual([25, 32, 320, 0.005]);
    expect(of(100_000, 1024, 'compact')).toEqual([15, 32, 512, 0.005]);
    expect(of(160, 1024, 'compact')).toEqual([100, 16, 160, 0.0025]);
    expect(of(40, 100, 'small')).toEqual([90, 4, 104, 0.0025]);
    expect(of(4, 100, 'small')).toEqual([100, 1, 104, 0.000625]);
  });

  it('counts what there is to train on by the parts that there will be', () => {
    const epochs = (changes: Partial<SetMeasures>, split?: object): unknown =>
      settingsOf(
        { images: 1000, classes: [500, 500], ...changes },
        { network: { name: 'compact' }, ...(split === undefined ? {} : { data: { split } }) },
      ).epochs;
    // 50 epochs for 600, and as the root of that: 800, 400, 200, 450 and 2400 images.
    expect(epochs({})).toBe(45);
    expect(epochs({}, { train: 0.4, validation: 0, test: 0.6 })).toBe(60);
    expect(epochs({ givenParts: 1000, givenTraining: 200 })).toBe(85);
    expect(epochs({}, { folds: 2, fold: 0 })).toBe(60);
    expect(epochs({ fileTraining: 2400 }, { file: 'split.csv' })).toBe(25);
  });

  it('balances minibatches for field, else weights classes of which one outweighs another, but for a multi-label set', () => {
    const compact = { network: { name: 'compact' } };
    expect(settingsOf({ classes: [400, 80] }, compact).balance).toBe('weight');
    expect(settingsOf({ classes: [380, 100] }, compact).balance).toBe('none');
    expect(settingsOf({ classes: [380, 100] }).balance).toBe('batch');
    expect(settingsOf({ classes: [400, 80], multiLabel: true }).balance).toBe('none');
  });

  it('takes percentiles where values do not compare or fill little of the range, and the files’ own windows', () => {
    const range = (changes: Partial<SetMeasures>): unknown =>
      (settingsOf(changes).preprocessing as { intensity: { range: string } }).intensity.range;
    expect(range({})).toBe('display');
    expect(range({ high: 0.55 })).toBe('percentile');
    expect(range({ depths: [8, 16] })).toBe('percentile');
    expect(range({ high: 0.2, depths: [12, 16], windowed: true })).toBe('display');
  });

  it('leaves what is given alone, and settles what belongs to it', () => {
    const given = { network: { name: 'small' }, preprocessing: { width: 64 }, batch: 8, epochs: 3 };
    const { settings, choices } = propose(films, given);
    expect(settings).toMatchObject({
      network: { dropout: 0.2 },
      preprocessing: { height: 128 },
      optimizer: { learningRate: 0.01 },
    });
    const keys = choices.map(({ key }) => key);
    for (const key of ['network.name', 'preprocessing.width', 'batch', 'epochs']) expect(keys).not.toContain(key);
  });

  it('leaves the training of the paper’s network to the paper', () => {
    const keys = propose(films, { network: { name: 'alexnet6' } }).choices.map(({ key }) => key);
    expect(keys.filter((key) => !key.startsWith('data.split'))).toEqual(['preprocessing.intensity.range', 'balance']);
  });

  it('draws no validation part where a class has few images, and leaves given ways of dividing alone', () => {
    const split = (changes: Partial<SetMeasures>, given: PartialConfig = {}): unknown =>
      (settingsOf(changes, given).data as { split: unknown } | undefined)?.split;
    expect(split({})).toEqual({ train: 0.8, validation: 0.1, test: 0.1 });
    expect(split({ classes: [381, 99] })).toEqual({ train: 0.75, validation: 0, test: 0.25 });
    expect(split({}, { data: { split: { folds: 3, fold: 0 } } })).toBeUndefined();
    expect(split({}, { data: { split: { seed: 3 } } })).toEqual({ train: 0.8, validation: 0.1, test: 0.1 });
  });

  it.each(presetNames)('leaves nothing but the parts to be chosen under the preset %s', (name) => {
    const { choices } = propose(films, presets[name].settings);
    const keys = choices.map(({ key }) => key).filter((key) => !key.startsWith('data.split.'));
    expect(keys).toEqual(name === 'field' ? ['balance'] : []);
    resolveConfig({ ...presets[name].settings, data: { path: 'films' } }, { threads: 1, source: 'test' });
  });

  it('says what is chosen and why in lines that fit a terminal', () => {
    const lines = describeProposal(films, propose(films, { epochs: 3 }));
    expect(lines[0]).toBe('films: 480 images (24 looked at). Settings that were not given are chosen to suit them:');
    expect(lines).toContain(
      '  network field: its cells see little of the image, so that a map lies where its evidence is',
    );
    expect(lines).toContain(
      '  batch 32, learning rate 0.002, warm-up 1, dropout 0.5: as tested with the network field',
    );
    expect(lines.join('\n')).not.toContain('epochs');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(describeProposal(films, { choices: [], settings: {} })).toEqual([]);
  });
});
