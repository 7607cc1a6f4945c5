import { describe, expect, it } from 'vitest';
import { failureOf } from '../data/testing/files.js';
import { type PartialConfig, mergeConfigs, resolveConfig, runConfigSchema } from './config.js';
import { defaultConfig, defaultEpochs } from './defaults.js';

const data = { path: 'images' };
const resolve = (partial: PartialConfig): ReturnType<typeof resolveConfig> =>
  resolveConfig({ data, ...partial }, { source: 'run.yaml', threads: 2 });
const failure = (partial: PartialConfig): ReturnType<typeof failureOf> => failureOf(() => resolve(partial));

/** `{ a: { b: value } }` of the path 'a.b'. */
const at = (path: string, value: unknown): PartialConfig =>
  path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as PartialConfig;

describe('defaults', () => {
  it.each(['alexnet6', 'compact'] as const)('of %s are valid', (network) => {
    const split = { train: 0.8, validation: 0.1, test: 0.1 };
    const config = { ...defaultConfig(network, defaultEpochs(network), 1), data: { ...data, strict: false, split } };
    expect(runConfigSchema.parse(config)).toEqual(config);
    expect(resolve({ network: { name: network }, threads: 1 })).toEqual(config);
  });

  it("alexnet6 has the paper's input, minibatch, momentum and alpha", () => {
    const { preprocessing, batch, optimizer, alpha, epochs } = resolve({ network: { name: 'alexnet6' } });
    expect([preprocessing.width, preprocessing.height, batch, optimizer.momentum]).toEqual([500, 500, 64, 0.9]);
    expect(alpha).toEqual({ kind: 'step', start: 0.1, end: 0.9, at: 60 });
    expect(epochs).toBe(100);
  });

  it.each(['alexnet6', 'small'] as const)(
    "%s has the paper's best method, r = 10 and the films as they are",
    (name) => {
      const { method, sharpness, preprocessing, localizer } = resolve({ network: { name } });
      expect([method, sharpness, preprocessing.clahe]).toEqual(['STL+AvePool', 10, null]);
      expect(localizer).toMatchObject({ evidence: 'classes', map: 'positive' });
    },
  );

  it('another method with compact keeps the rest of its defaults, and CLAHE can be turned off', () => {
    const network = { name: 'compact' };
    const { method, ...rest } = resolve({ network });
    expect(resolve({ network, method: 'AvePool' })).toEqual({ ...rest, method: 'AvePool' });
    expect(method).toBe('STL+LSE');
    expect(resolve({ network, preprocessing: { clahe: null } }).preprocessing.clahe).toBeNull();
    const { clahe } = resolve({ network, preprocessing: { clahe: { tiles: 4 } } }).preprocessing;
    expect(clahe).toEqual({ tiles: 4, clipLimit: 2 });
  });

  it('compact has those chosen in trials on a small set: LSE of one map, CLAHE, more augmentation, an early step, averages', () => {
    const found = resolve({ network: { name: 'compact' } });
    const { method, sharpness, preprocessing, localizer, augmentation, epochs, alpha, optimizer } = found;
    expect([method, sharpness, preprocessing.clahe]).toEqual(['STL+LSE', 1, { tiles: 8, clipLimit: 2 }]);
    expect(localizer).toMatchObject({ evidence: 'single', map: 'layercam' });
    expect([localizer.evidence, augmentation.rotation, epochs, alpha.at]).toEqual(['single', 7, 50, 20]);
    expect(optimizer.averageFrom).toBe(33);
    expect(resolve({ network: { name: 'small' } }).optimizer.averageFrom).toBeNull();
  });

  it('alpha steps after 60 % of the epochs, of compact after 40 %, unless told', () => {
    const network = { name: 'compact' };
    expect(resolve({ epochs: 60, network }).alpha.at).toBe(24);
    expect(resolve({ epochs: 40, network: { name: 'small' } }).alpha.at).toBe(24);
    expect(resolve({ epochs: 40, alpha: { at: 30 } }).alpha).toEqual({ kind: 'step', start: 0.1, end: 0.9, at: 30 });
    expect(resolve({ epochs: 40, network, alpha: { kind: 'cosine' } }).alpha).toMatchObject({ kind: 'cosine', at: 16 });
  });

  it('the network is field, the threads are those given, and the device is the CPU', () => {
    expect(resolve({})).toMatchObject({ network: { name: 'field' }, threads: 2, batch: 32, device: 'cpu' });
  });

  it('field turns by quarters what is square, and reads over mirror images where it shows some, unless told', async () => {
    const { augmentation, localizer, preprocessing, balance, optimizer } = resolve({});
    expect([augmentation.quarterTurns, localizer.map, balance]).toEqual([true, 'positive+flips', 'batch']);
    expect([preprocessing.normalization, optimizer.kind]).toEqual([{ kind: 'set' }, 'adamw']);
    expect(resolve({ preprocessing: { width: 64 } }).augmentation.quarterTurns).toBe(false);
    const upright = resolve({ augmentation: { flip: false, flipVertical: false, quarterTurns: false } });
    expect(upright.localizer.map).toBe('positive');
    expect(resolve({ augmentation: { flip: false } }).localizer.map).toBe('positive+flips');
    const refused = await failure({ preprocessing: { width: 64 }, augmentation: { quarterTurns: true } });
    expect(refused.message).toContain('augmentation.quarterTurns: needs a square input, not 64 x 96');
  });
});

describe('merging', () => {
  it('keeps the defaults beside a key that is given', () => {
    const { optimizer, preprocessing } = resolve({
      optimizer: { learningRate: 0.1 },
      preprocessing: { intensity: { range: 'percentile', percentiles: [1, 99] } },
    });
    expect(optimizer).toEqual({
      ...defaultConfig('field', defaultEpochs('field'), 2).optimizer,
      learningRate: 0.1,
    });
    expect(preprocessing).toMatchObject({ width: 96, intensity: { range: 'percentile', percentiles: [1, 99] } });
  });

  it('takes a value that is undefined as one not given', () => {
    expect(resolve({ epochs: undefined, network: { name: undefined, classifier: undefined } })).toEqual(resolve({}));
    expect(resolve({ data: { ...data, positive: undefined } })).toEqual(resolve({}));
  });

  it('replaces lists whole', () => {
    expect(resolve({ network: { classifier: [4] } }).network.classifier).toEqual([4]);
    expect(resolve({ network: { classifier: [] } }).network.classifier).toEqual([]);
  });

  it.each([{ kind: 'constant' }, { kind: 'cosine' }, { kind: 'step', at: [10, 20], factor: 0.1 }])(
    'knows the schedule $kind',
    (schedule) => {
      expect(resolve({ optimizer: { schedule } }).optimizer.schedule).toEqual(schedule);
    },
  );

  it('replaces the normalization by one of another kind whole', () => {
    const normalization = { kind: 'fixed', mean: 0.5, std: 0.25 };
    expect(resolve({ preprocessing: { normalization } }).preprocessing.normalization).toEqual(normalization);
  });

  it('completes each way of dividing, and replaces one by another whole', () => {
    const splitOf = (split: object): unknown => resolve({ data: { ...data, split } }).data.split;
    expect(splitOf({ seed: 3 })).toEqual({ train: 0.8, validation: 0.1, test: 0.1, seed: 3 });
    expect(splitOf({ folds: 5, fold: 0 })).toEqual({ folds: 5, fold: 0, validation: 0.1 });
    expect(splitOf({ file: 's.csv', fold: 2 })).toEqual({ file: 's.csv', fold: 2, validation: 0 });
    const file = { data: { ...data, split: { folds: 5, fold: 0, validation: 0.2 } } };
    const over = (split: object): unknown => resolve(mergeConfigs(file, { data: { split } })).data.split;
    expect(over({ fold: 3 })).toEqual({ folds: 5, fold: 3, validation: 0.2 });
    expect(over({ train: 0.5, validation: 0, test: 0.5 })).toEqual({ train: 0.5, validation: 0, test: 0.5 });
    expect(over({ file: 's.csv' })).toEqual({ file: 's.csv', validation: 0 });
  });

  it("the localizer of runs that say nothing of it is the paper's, and each key of it is its own", () => {
    const terms = { absent: 0, background: 0, backgroundShare: 0.5, size: 0, largestSize: 0.25, variation: 0 };
    const paper = { evidence: 'classes', topShare: 0.2, penalty: 0, terms, map: 'positive' };
    const network = { name: 'small' };
    expect(resolve({ network }).localizer).toEqual(paper);
    const { localizer: _, ...older } = resolve({});
    expect(runConfigSchema.parse(older).localizer).toEqual(paper);
    expect(resolve({ network, ...at('localizer.map', 'difference') }).localizer).toEqual({
      ...paper,
      map: 'difference',
    });
  });

  it('takes null for no clipping', () => {
    expect(resolve({ optimizer: { clipNorm: null } }).optimizer.clipNorm).toBeNull();
  });
});

describe('wrong values', () => {
  it.each([
    ['data.path', 5],
    ['data.path', ''],
    ['data.images', false],
    ['data.boxes', 1],
    ['data.positive', 1],
    ['data.strict', 'yes'],
    ['data.split', 'half'],
    ['data.split.train', -0.1],
    ['data.split.validation', '10%'],
    ['data.split.test', 2],
    ['data.split.folds', 1],
    ['data.split.fold', 1],
    ['data.split.file', ''],
    ['data.split.seed', -1],
    ['data.format', 'tabel'],
    ['data.format', 3],
    ['method', 'STL'],
    ['network', 'compact'],
    ['network.name', 'resnet'],
    ['network.classifier', 256],
    ['network.classifier', [0]],
    ['network.dropout', 1],
    ['sharpness', 0],
    ['localizer', 'single'],
    ['localizer.evidence', 'one'],
    ['localizer.topShare', 0],
    ['localizer.topShare', 1.5],
    ['localizer.penalty', -1],
    ['localizer.terms.absent', -0.5],
    ['localizer.terms.backgroundShare', 0],
    ['localizer.terms.largestSize', 1],
    ['localizer.terms.variation', 'much'],
    ['localizer.map', 'heat'],
    ['preprocessing.width', 0],
    ['preprocessing.height', 1.5],
    ['preprocessing.intensity.range', 'all'],
    ['preprocessing.intensity.percentiles', [99, 1]],
    ['preprocessing.normalization.kind', 'batch'],
    ['preprocessing.antialias', 1],
    ['augmentation.shift', -1],
    ['augmentation.rotation', '5'],
    ['augmentation.scale', 1],
    ['augmentation.flip', 0],
    ['augmentation.flipVertical', 'yes'],
    ['augmentation.quarterTurns', 1],
    ['augmentation.fill', 'black'],
    ['augmentation.brightness', null],
    ['augmentation.contrast', []],
    ['balance', true],
    ['epochs', 0],
    ['epochs', '10'],
    ['batch', 2.5],
    ['alpha.kind', 'square'],
    ['alpha.start', 1.1],
    ['alpha.end', -1],
    ['alpha.at', -1],
    ['optimizer.learningRate', 0],
    ['optimizer.learningRate', Number.NaN],
    ['optimizer.schedule.kind', 'exponential'],
    ['optimizer.warmup', -1],
    ['optimizer.momentum', 1],
    ['optimizer.weightDecay', -1],
    ['optimizer.clipNorm', 0],
    ['seed', -1],
    ['seed', 2 ** 32],
    ['threads', 0],
    ['device', 'gpu'],
    ['device', 0],
  ])('%s: %j is refused, naming the key', async (path, value) => {
    const partial = path.startsWith('data.')
      ? { data: { ...data, ...(at(path, value).data as object) } }
      : at(path, value);
    const error = await failure(partial);
    expect(error.code).toBe('config');
    expect(error.message).toContain('run.yaml: ');
    expect(error.message).toContain(path);
  });

  it('a schedule without its numbers is refused', async () => {
    expect((await failure(at('optimizer.schedule', { kind: 'step' }))).message).toMatch(
      /optimizer\.schedule\.(at|factor)/,
    );
  });

  it('fractions that do not add up to 1, or leave nothing to train on, are refused', async () => {
    const split = { train: 0.5, validation: 0.1, test: 0.1 };
    expect((await failure({ data: { ...data, split } })).message).toContain('add up to 1');
    const none = { train: 0, validation: 0.5, test: 0.5 };
    expect((await failure({ data: { ...data, split: none } })).message).toContain('must not be empty');
  });

  it.each([
    [{ folds: 5 }, 'data.split.fold: give the fold for testing'],
    [{ folds: 5, fold: 5 }, 'data.split.fold: the folds are 0 to 4'],
    [{ folds: 5, fold: 0, test: 0.2 }, 'data.split.test: cannot be used with folds'],
    [{ folds: 5, fold: 0, validation: 1 }, 'data.split.validation: the training part must not be empty'],
    [{ file: 's.csv', folds: 5 }, 'data.split.folds: cannot be used with file'],
    [{ file: 's.csv', train: 1 }, 'data.split.train: cannot be used with file'],
  ])('the split %j is refused', async (split, message) => {
    expect((await failure({ data: { ...data, split } })).message).toContain(message);
  });

  it('a format that is not known is refused, with the nearest one', async () => {
    const { message } = await failure({ data: { ...data, format: 'tabel' } });
    expect(message).toContain('data.format: there is no format "tabel" (did you mean "table"?); the formats are ');
  });

  it('a minibatch that its parts do not divide is refused', async () => {
    const error = await failure({ data, batch: 30, accumulate: 4 });
    expect(error.message).toContain('accumulate: must divide the minibatch');
  });

  it('quarter turns of inputs that are not square are refused, naming the size', async () => {
    const preprocessing = { width: 160, height: 120 };
    const error = await failure({ data, preprocessing, augmentation: { quarterTurns: true } });
    expect(error.message).toContain('augmentation.quarterTurns: needs a square input, not 160 x 120 ');
  });

  it('a map over mirror images is refused where training mirrors none', async () => {
    for (const map of ['positive+flips', 'layercam+flips']) {
      const error = await failure({ localizer: { map }, augmentation: { flip: false, flipVertical: false } });
      expect(error.message).toContain(
        'localizer.map: a map with +flips needs a run whose training images were mirrored',
      );
      const given = { data, localizer: { map }, augmentation: { flip: true } };
      expect(resolveConfig(given, { source: 'run.yaml', threads: 1 }).localizer.map).toBe(map);
    }
  });

  it('a configuration without data says so', async () => {
    expect((await failureOf(() => resolveConfig({}, { source: 'run.yaml', threads: 1 }))).message).toContain(
      'data.path',
    );
  });
});

describe('unknown keys', () => {
  it.each([
    ['epoch', 'epochs'],
    ['optimizer.learning_rate', 'learningRate'],
    ['optimizer.schedule.fator', 'factor'],
    ['data.split.val', undefined],
    ['preprocessing.intensity.percentile', 'percentiles'],
    ['preprocessing.normalization.stdd', 'std'],
    ['augmentation.shfit', 'shift'],
    ['momentum', undefined],
    ['__proto__', undefined],
  ])('%s is refused (meant: %s)', async (path, meant) => {
    // Through JSON, in which "__proto__" is a key like any other.
    const [value, schedule] = [JSON.stringify(path), '"kind": "step", "at": [1], "factor": 1'];
    const leaf = path.includes('schedule') ? `{${schedule}, "fator": 1}` : `{${value.replace(/[^."]+\./g, '')}: 1}`;
    const outer = path.split('.').slice(0, -1);
    const text = outer.reduceRight((inner, key) => `{"${key}": ${inner}}`, leaf);
    const partial = JSON.parse(text) as { data?: object };
    const error = await failure(
      partial.data === undefined ? partial : { ...partial, data: { ...data, ...partial.data } },
    );
    expect(error.code).toBe('config');
    expect(error.message).toContain(`unknown key "${path}"`);
    if (meant === undefined) expect(error.message).not.toContain('did you mean');
    else expect(error.message).toContain(`did you mean "${meant}"?`);
  });
});

it('names the line of each wrong key where the source tells it', async () => {
  const lines = new Map([
    ['epochs', 3],
    ['optimizer.momentun', 7],
  ]);
  const lineOf = (path: readonly PropertyKey[]): number | undefined => lines.get(path.join('.'));
  const partial = { data, epochs: 0, batch: 0, optimizer: { momentun: 1 } };
  const error = await failureOf(() => resolveConfig(partial, { source: 'run.yaml', threads: 1, lineOf }));
  expect(error.message).toContain('run.yaml:3: epochs: ');
  expect(error.message).toContain('run.yaml: batch: ');
  expect(error.message).toContain('run.yaml:7: unknown key "optimizer.momentun"');
});

describe('mergeConfigs', () => {
  it('lays a flag over a file, and keeps the kind of a choice that is not given anew', () => {
    const file = { epochs: 5, optimizer: { schedule: { kind: 'step', at: [1], factor: 0.1 } } };
    expect(mergeConfigs(file, { optimizer: { schedule: { factor: 0.5 } } })).toEqual({
      epochs: 5,
      optimizer: { schedule: { kind: 'step', at: [1], factor: 0.5 } },
    });
    expect(mergeConfigs(file, { optimizer: { schedule: { kind: 'cosine' } } })).toEqual({
      epochs: 5,
      optimizer: { schedule: { kind: 'cosine' } },
    });
  });

  it('changes neither of the two', () => {
    const [base, change] = [{ optimizer: { momentum: 0.5 } }, { optimizer: { warmup: 2 } }];
    mergeConfigs(base, change);
    expect([base, change]).toEqual([{ optimizer: { momentum: 0.5 } }, { optimizer: { warmup: 2 } }]);
  });
});

it('lists all problems at once', async () => {
  const error = await failure({ epochs: -1, batch: 'many', optimizer: { momentun: 0.9 }, method: 'MaxPol' });
  expect(error.message).toMatch(/^4 problems:\n {2}run\.yaml: /);
  for (const key of ['epochs', 'batch', 'optimizer.momentun', 'method']) expect(error.message).toContain(key);
  expect(error.message.split('\n')).toHaveLength(5);
});
