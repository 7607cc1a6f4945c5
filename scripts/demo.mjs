// @ts-check
/**
 * The main job on phantoms: makes synthetic chest films, trains one of the paper's baselines, its STL twin and the default
 * network on labels alone, evaluates them on unseen films, and leaves the table, curves, heat maps and a report in runs/demo.
 * Uses the library's public entry only.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  contactSheetSvg,
  decodeImage,
  evaluateModel,
  evaluationRecord,
  heatRange,
  metricsTable,
  openImageCache,
  openModel,
  overlayPng,
  panelsSvg,
  readDataset,
  readRecords,
  reportRuns,
  resolveConfig,
  runFolder,
  train,
  writePhantoms,
} from 'weakspot';

const root = 'runs/demo';
const size = 128;
const small = {
  network: { name: 'small', dropout: 0.2 },
  epochs: 25,
  batch: 16,
  optimizer: { learningRate: 0.01, warmup: 1 },
};
/** @type {Readonly<Record<string, import('weakspot').PartialConfig>>} */
const settings = {
  AvePool: { ...small, method: 'AvePool' },
  'STL+AvePool': { ...small, method: 'STL+AvePool' },
  // The default network, with all that belongs to it.
  TopK: { network: { name: 'field' }, method: 'TopK' },
};
const names = Object.keys(settings);
/** Side of a picture in the sheet, pixels. */
const cellSide = 176;
const cacheDirectory = join(root, 'cache');
const began = performance.now();
// ONNX Runtime reports its use to its makers unless told not to.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

const films = { train: join(root, 'phantoms-train'), test: join(root, 'phantoms-test') };
await writePhantoms(films.train, { count: 480, seed: 11, force: true });
await writePhantoms(films.test, { count: 200, seed: 4, force: true });
say(`made 480 phantoms to train on and 200 unseen ones to test on, in ${root}`);

/** @type {import('weakspot').EvaluationRecord[]} */
const records = [];
/** @type {Map<string, import('weakspot').EpochRecord[]>} */
const curves = new Map();
/** @type {Map<string, import('weakspot').EvaluatedSample[]>} */
const results = new Map();
for (const [name, own] of Object.entries(settings)) {
  const run = join(root, name.toLowerCase());
  const config = resolveConfig(
    {
      data: { path: films.train, split: { train: 1, validation: 0, test: 0 } },
      ...own,
      preprocessing: { width: size, height: size },
      seed: 2,
    },
    { threads: 2, source: 'the demo' },
  );
  for await (const event of train({ run, config, cache: cacheDirectory, resume: false, force: true })) {
    if (event.type === 'epoch' && event.record.epoch % 5 === 0) {
      const { epoch, localizerLoss, imagesPerSecond } = event.record;
      say(
        `${name}: epoch ${epoch} of ${config.epochs}, localizer loss ${localizerLoss.toFixed(3)}, ${imagesPerSecond.toFixed(0)} images/s`,
      );
    }
  }
  curves.set(name, await readRecords(runFolder(run).metrics));

  const model = await openModel(run);
  const test = await readDataset(films.test, { classes: model.info.classes });
  const cache = openImageCache({ directory: cacheDirectory, preprocessing: model.info.preprocessing });
  /** @type {import('weakspot').EvaluatedSample[]} */
  const evaluated = [];
  for await (const event of evaluateModel(model, test.samples, { cache })) {
    if (event.type === 'image') evaluated.push(event.result);
    if (event.type !== 'done') continue;
    const { metrics, evidence, position } = event;
    records.push(evaluationRecord(name, 'phantoms', metrics, { ...evidence, position, map: model.info.map }));
  }
  results.set(name, evaluated);
  await model.release();
}

await writeFile(join(root, 'summary.json'), `${JSON.stringify({ methods: records }, undefined, 2)}\n`);
await writeFile(join(root, 'curves.svg'), drawCurves());
await writeFile(join(root, 'heat-maps.svg'), await drawHeatMaps());
await writeReport();

console.log(`\n${metricsTable(records)}\n`);
console.log(
  `overlays  ${join(root, 'overlays')} and ${join(root, 'heat-maps.svg')} (green: the lesion, cross: the response)`,
);
console.log(`curves    ${join(root, 'curves.svg')}`);
console.log(`report    ${join(root, 'report.html')}`);
console.log(`numbers   ${join(root, 'summary.json')}`);
console.log(`models    ${names.map((name) => join(root, name.toLowerCase(), 'model.onnx')).join(', ')}`);
say('done');

/** @param {string} line */
function say(line) {
  console.log(`[${((performance.now() - began) / 1000).toFixed(0).padStart(3)} s] ${line}`);
}

/** The runs side by side, on the unseen films. */
async function writeReport() {
  const runs = names.map((name) => join(root, name.toLowerCase()));
  const tests = [{ path: films.test, name: 'phantoms' }];
  for await (const event of reportRuns(runs, { cache: cacheDirectory, tests })) {
    if (event.type === 'done') await writeFile(join(root, 'report.html'), event.html);
  }
}

function drawCurves() {
  return panelsSvg(
    names.map((title) => {
      const all = curves.get(title) ?? [];
      const losses = [
        { name: 'localizer', points: all.map(({ epoch, localizerLoss }) => ({ x: epoch, y: localizerLoss })) },
      ];
      if (title.startsWith('STL+')) {
        losses.push(
          {
            name: 'classifier',
            points: all.map(({ epoch, classifierLoss }) => ({ x: epoch, y: classifierLoss ?? Number.NaN })),
          },
          { name: 'alpha', points: all.map(({ epoch, alpha }) => ({ x: epoch, y: alpha })) },
        );
      }
      return { title, series: losses, xLabel: 'epoch', yLabel: 'training loss' };
    }),
    2,
  );
}

/**
 * Overlays of every lesion film by every model, and a sheet of the first four that have one lesion.
 */
async function drawHeatMaps() {
  const rows = [];
  const [first = []] = results.values();
  const lesionFilms = first.filter(({ sample }) => sample.regions.length > 0);
  for (const { sample } of lesionFilms) {
    const image = await decodeImage(await readFile(sample.path), sample.path);
    const name = sample.name.replace(/^.*\//, '').replace(/\.png$/, '');
    const cells = [await overlayPng({ image, truth: sample.regions, maxSide: cellSide })];
    for (const [model, evaluated] of results) {
      const found = evaluated.find((other) => other.sample.name === sample.name);
      if (found === undefined) continue;
      const { prediction, evaluated: answer } = found;
      const range = heatRange(prediction.map.values, prediction.probabilities[1] ?? 0);
      const drawing = { image, map: { ...prediction.map, ...range }, response: answer.response, truth: sample.regions };
      const folder = join(root, 'overlays', model.toLowerCase());
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, `${name}.png`), await overlayPng(drawing));
      cells.push(await overlayPng({ ...drawing, maxSide: cellSide }));
    }
    if (sample.regions.length === 1 && rows.length < 4) rows.push({ label: name, cells });
  }
  const caption =
    'Phantoms never seen in training, which had image-level labels only. AvePool and STL+AvePool are trained with the network small, TopK with field, the default. Green: the lesion. Cross: the response.';
  return contactSheetSvg({
    columns: ['film', ...names],
    rows,
    cellWidth: cellSide,
    cellHeight: cellSide,
    caption,
  });
}
