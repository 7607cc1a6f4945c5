// @ts-check
import { z } from 'zod';
import { comparisonSectionSchema } from '../../packages/weakspot/dist/compare/settings.js';
import { resolveConfig, runConfigSchema } from '../../packages/weakspot/dist/run/config.js';
import { describeType, keyTable } from './keys.mjs';
import { code, generatedNotice, table } from './markdown.mjs';

/** @typedef {import('./keys.mjs').Schema} Schema */

/**
 * Descriptions of keys whose schemas, in the data room, carry none.
 * @type {Record<string, string>}
 */
const furtherDescriptions = {
  'preprocessing.width': "Width of the network's input, pixels.",
  'preprocessing.height': "Height of the network's input, pixels.",
  'preprocessing.intensity': 'Which stored values become 0 and 1.',
  'preprocessing.intensity.range':
    "`display`: by the file's own first window or VOI LUT (DICOM), else as `full-scale`. `full-scale`: 0 to the format's white (255, 65535, a PGM's maxval; of DICOM all that its stored bits can hold). `window`: the two values of `window`. `min-max`: the image's own minimum to maximum. `percentile`: between two of its percentiles; values outside are clipped.",
  'preprocessing.intensity.window':
    'For `window`: the values that become 0 and 1, such as `[-1000, 400]` of CT in Hounsfield units; values outside are clipped.',
  'preprocessing.intensity.percentiles': 'The two percentiles, 0 to 100, for `percentile`; 0.5 and 99.5 unless given.',
  'preprocessing.crop': '`content`: flat borders, such as the black around a film, are cut off first.',
  'preprocessing.fit':
    '`stretch`: each axis by its own factor, as in the paper. `pad`: both by the same, centred, with black around.',
  'preprocessing.clahe': 'Contrast-limited adaptive histogram equalization of the resized image; `null` for none.',
  'preprocessing.clahe.tiles': 'Tiles along each side; fewer where they would be smaller than eight pixels.',
  'preprocessing.clahe.clipLimit': "Largest count of a histogram's bin, in mean counts.",
  'preprocessing.normalization': 'What is subtracted and divided by after that.',
  'preprocessing.normalization.kind':
    "`image`: the image's own mean and standard deviation. `set`: those of all training images together, without padding; computed when the run begins, and kept as `mean` and `std` with the run and the model. `fixed`: the numbers `mean` and `std`, of 0..1 values.",
  'preprocessing.normalization.mean': 'The number subtracted; with `set` computed unless given.',
  'preprocessing.normalization.std': 'The number divided by; with `set` computed unless given.',
  'preprocessing.antialias': 'Widen the resize filter where the image shrinks, so that every source pixel counts.',
  'augmentation.shift': 'Input pixels, each way along both axes; whole pixels unless rotation or scale is set.',
  'augmentation.rotation': "Degrees, each way, about the image's centre.",
  'augmentation.scale': 'Fraction, each way: 0.1 draws factors from 0.9 to 1.1.',
  'augmentation.flip': 'Mirror left and right in half of the draws.',
  'augmentation.flipVertical': 'Mirror top and bottom in half of the draws.',
  'augmentation.quarterTurns': 'Turn by 0, 90, 180 or 270 degrees, beside any rotation; for square inputs only.',
  'augmentation.fill':
    "What lies beyond the border of a moved image. `edge`: its pixels, repeated. `darkest`: the image's lowest intensity.",
  'augmentation.brightness': 'Each way, in units of the normalised intensity.',
  'augmentation.contrast': 'Fraction, each way: normalised intensities are multiplied by 1 - contrast to 1 + contrast.',
  'optimizer.schedule.kind': 'Which of the three.',
};

/** docs/reference/configuration.md */
export function configurationPage() {
  const schema = /** @type {Schema} */ (z.toJSONSchema(runConfigSchema, { unrepresentable: 'any' }));
  const source = { threads: 1, source: 'the generator' };
  const field = resolveConfig({ data: { path: '.' } }, source);
  const paper = resolveConfig({ data: { path: '.' }, network: { name: 'alexnet6' } }, source);
  const entries = Object.entries(schema.properties ?? {}).flatMap(([key, value]) => entriesOf(key, value, schema));
  checkDescriptions(entries);
  const rows = entries.map(({ path, schema: entry, optional }) => [
    code(path),
    describeType(entry),
    path === 'data.path'
      ? 'required'
      : path === 'threads'
        ? 'all cores'
        : describeDefault(path, field, paper, optional),
    descriptionOf(path, entry),
  ]);
  return `${generatedNotice}

# Configuration

A run is determined by its configuration. \`weakspot train --config FILE\` reads it from YAML; the other options of
[\`weakspot train\`](cli.md#weakspot-train) go before the file, \`--set key=value\` before both, and what none of them
gives takes the default. A run keeps the whole of it in its [\`config.json\`](run-folder.md). Unknown keys are errors, with file and line.

Where the default depends on the network, two are given: that of \`field\`, the default network, / that of \`alexnet6\`. The paper gives
momentum 0.9, alpha 0.1 then 0.9 after 60 epochs, minibatches of 64 and inputs of 500 x 500; every other default is ours. Those of
\`compact\` and \`small\` are in [The method](../explanation/method.md#what-is-the-papers-and-what-is-ours). \`alpha.at\` is 60 % of
\`epochs\` unless given, and with \`compact\` 40 %, where \`optimizer.averageFrom\` is two thirds of them. \`augmentation.quarterTurns\` is
\`false\` where the input is not square, and \`localizer.map\` has no \`+flips\` where images are not mirrored.

\`optimizer.schedule\` and \`preprocessing.normalization\` have keys that depend on their \`kind\`: given with another
kind, they replace the default whole. \`data.split\` is \`train\`, \`validation\` and \`test\`, or \`folds\` and \`fold\`, or
\`file\`: given in another of these ways, it does so too. All other objects are merged key by key.

${table(['Key', 'Values', 'Default', 'Meaning'], rows)}

## compare

A file for [\`weakspot compare\`](../how-to/compare.md) has the same keys and one more, \`compare\`; the method and the seed
of each run come from it. \`weakspot train\` does not know it.

${comparisonTable()}

## An example

\`\`\`yaml
data:
  path: films
  split: { train: 0.8, validation: 0.1, test: 0.1 }
method: STL+AvePool
network: { name: compact, classifier: [256, 256], dropout: 0.5 }
preprocessing: { width: 160, height: 160 }
epochs: 40
batch: 32
alpha: { kind: step, start: 0.1, end: 0.9, at: 24 }
optimizer: { learningRate: 0.005, momentum: 0.9, weightDecay: 0.0005, clipNorm: 5 }
seed: 0
\`\`\`
`;
}

/** The keys of the section `compare`. */
function comparisonTable() {
  const schema = /** @type {Schema} */ (
    z.toJSONSchema(comparisonSectionSchema, { io: 'input', unrepresentable: 'any' })
  );
  return keyTable('compare.', schema);
}

/**
 * @typedef {object} Entry
 * @property {string} path
 * @property {Schema} schema
 * @property {boolean} optional
 */

/**
 * A key and all keys below it; of alternatives, each key once.
 * @param {string} path
 * @param {Schema} schema
 * @param {Schema} parent
 * @returns {Entry[]}
 */
function entriesOf(path, schema, parent) {
  const alternatives = [schema, ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  /** @type {Map<string, Entry[]>} */
  const below = new Map();
  for (const part of alternatives) {
    for (const [key, value] of Object.entries(part.properties ?? {})) {
      const shared = alternatives.map((other) => other.properties?.[key]).filter((found) => found !== undefined);
      const constants = shared.map((found) => found.const);
      const merged = constants.length > 1 && !constants.includes(undefined) ? { ...value, enum: constants } : value;
      if (!below.has(key)) below.set(key, entriesOf(`${path}.${key}`, merged, part));
    }
  }
  const key = path.split('.').at(-1) ?? '';
  return [{ path, schema, optional: parent.required?.includes(key) !== true }, ...[...below.values()].flat()];
}

/**
 * @param {string} path
 * @param {Schema} schema
 */
function descriptionOf(path, schema) {
  return schema.description ?? furtherDescriptions[path] ?? '';
}

/**
 * Every key says what it means, once.
 * @param {readonly Entry[]} entries
 */
function checkDescriptions(entries) {
  const silent = entries.filter(({ path, schema }) => descriptionOf(path, schema) === '').map(({ path }) => path);
  const needless = Object.keys(furtherDescriptions).filter(
    (path) =>
      entries.find((entry) => entry.path === path)?.schema.description !== undefined ||
      !entries.some((entry) => entry.path === path),
  );
  if (silent.length > 0) throw new Error(`keys without a description: ${silent.join(', ')}`);
  if (needless.length > 0) throw new Error(`descriptions that nothing needs: ${needless.join(', ')}`);
}

/**
 * @param {string} path
 * @param {unknown} field
 * @param {unknown} paper
 * @param {boolean} optional
 */
function describeDefault(path, field, paper, optional) {
  const [one, other] = [valueAt(field, path), valueAt(paper, path)];
  if (isGroup(one) && isGroup(other)) return '';
  if (one === undefined) return optional ? 'not set' : '';
  const written = (/** @type {unknown} */ value) => {
    if (value === undefined) return 'not set';
    return isGroup(value) ? 'keys below' : code(typeof value === 'string' ? value : JSON.stringify(value));
  };
  // The network's name differs because it was asked for.
  return written(one) === written(other) || path === 'network.name'
    ? written(one)
    : `${written(one)} / ${written(other)}`;
}

/** @param {unknown} value */
function isGroup(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * @param {unknown} config
 * @param {string} path
 */
function valueAt(config, path) {
  return path.split('.').reduce((value, key) => {
    return isGroup(value) ? /** @type {Record<string, unknown>} */ (value)[key] : undefined;
  }, config);
}
