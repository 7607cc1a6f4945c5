// @ts-check
/**
 * All metrics of 10,000 images with 2,000 resamples, beside scikit-learn and numpy doing the same from the same per-image
 * numbers (metrics_peer.py, which needs Debian's python3-sklearn).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  Random,
  bootstrapMetrics,
  boxRegion,
  metricDescriptions,
  prepareMetrics,
  responsePoint,
  summarizeCompared,
  wholeInput,
} from '@weakspot/core';
import { renderTable } from 'weakspot';

const COUNT = 10_000;
const RESAMPLES = 2000;
/** The peer draws fewer, and its time is scaled up. */
const PEER_RESAMPLES = 20;
const SIDE = 512;
const CELLS = 20;

/** @typedef {import('@weakspot/core').ImageSummary} ImageSummary */

export function benchMetrics() {
  let started = performance.now();
  /** @type {Record<string, number>} */
  const seconds = {};
  const lap = (/** @type {string} */ name) => {
    seconds[name] = (performance.now() - started) / 1000;
    console.error(`${name}: ${seconds[name].toFixed(2)} s`);
    started = performance.now();
  };

  const maps = Array.from({ length: COUNT }, (_, i) => makeImage(i));
  started = performance.now();
  const summaries = maps.map(({ image, name }) => summarizeCompared(image, { ...options, name }).model);
  lap('summaries with a random and a centred map');
  const prepared = prepareMetrics(summaries);
  const values = prepared.measure();
  lap('preparing and measuring once');
  /** @type {import('@weakspot/core').MetricIntervals | undefined} */
  let intervals;
  for (const event of bootstrapMetrics(prepared, { seed: 1, resamples: RESAMPLES }))
    if (event.type === 'done') intervals = event.intervals;
  lap(`${RESAMPLES} resamples of ${metricDescriptions.length} metrics`);

  const peer = askPeer(summaries);
  const rows = metricDescriptions.map(({ key, title }, i) => {
    const ours = values[i] ?? Number.NaN;
    const difference = Math.abs(ours - (peer.metrics[key] ?? Number.NaN));
    return [
      title,
      ours.toFixed(4),
      `${intervals?.[key]?.low.toFixed(4)} to ${intervals?.[key]?.high.toFixed(4)}`,
      difference.toExponential(0),
    ];
  });
  console.log(renderTable(['Metric', 'Value', '95% interval', 'Peer differs by'], rows));
  const scaled = (/** @type {string} */ part) => ((peer.seconds[part] ?? Number.NaN) * RESAMPLES) / PEER_RESAMPLES;
  const ours = seconds[`${RESAMPLES} resamples of ${metricDescriptions.length} metrics`] ?? Number.NaN;
  console.log(
    `\n${RESAMPLES} resamples of ${COUNT} images, in one thread: ours ${ours.toFixed(1)} s for ${metricDescriptions.length} metrics; ` +
      `scikit-learn ${scaled('sklearn').toFixed(0)} s for the first 8 and numpy ${scaled('numpy').toFixed(0)} s for the others ` +
      `(from ${PEER_RESAMPLES} resamples)`,
  );
}

const options = { positive: 1, tolerance: { x: 4, y: 4 }, inputWidth: 160, inputHeight: 160, seed: 1 };

/** A noisy map that is higher around the lesion, and a probability that tells most positives; two images a patient. */
function makeImage(/** @type {number} */ i) {
  const random = new Random(1, 'bench', i);
  const label = random.uniform() < 0.5 ? 1 : 0;
  const [x, y, radius] = [random.between(60, SIDE - 60), random.between(60, SIDE - 60), random.between(20, 55)];
  const values = Float32Array.from({ length: CELLS * CELLS }, (_, k) => {
    const [column, row] = [k % CELLS, Math.floor(k / CELLS)];
    const distance = Math.hypot(((column + 0.5) * SIDE) / CELLS - x, ((row + 0.5) * SIDE) / CELLS - y) / radius;
    return 0.25 * random.normal() + label * 1.5 * Math.exp((-distance * distance) / 2);
  });
  const map = { values, width: CELLS, height: CELLS, extent: wholeInput };
  const p = 1 / (1 + Math.exp(1 - 2 * label - 1.5 * random.normal()));
  const image = {
    label,
    probabilities: [1 - p, p],
    response: responsePoint(map, { width: SIDE, height: SIDE }),
    width: SIDE,
    height: SIDE,
    regions: label === 1 ? [boxRegion(x - radius, y - radius, x + radius, y + radius)] : [],
    map,
    patient: `patient ${i >> 1}`,
  };
  return { image, name: `image ${i}` };
}

/** What scikit-learn and numpy make of the same per-image numbers, and how long they take. */
function askPeer(/** @type {readonly ImageSummary[]} */ summaries) {
  const folder = mkdtempSync(join(tmpdir(), 'weakspot-bench-'));
  try {
    const levels = ['levelIou', 'lesionPixels', 'otherPixels'];
    const scalars = summaries.map((summary, i) => ({
      ...summary,
      patient: i >> 1,
      detection: summary.detection && {
        lesions: [...summary.detection.lesionScores].map((score) => (score === -Infinity ? null : score)),
        false: [...summary.detection.falseScores],
        boxes: [...summary.detection.boxScores],
        found: summary.detection.boxFound.map((found) => [...found]),
        rodeo: Object.values(summary.detection.rodeo),
      },
      coverage: summary.coverage && {
        iou: summary.coverage.iou,
        iobb: summary.coverage.iobb,
        levels: levels.map((key) => [.../** @type {any} */ (summary.coverage)[key]]),
      },
    }));
    const file = join(folder, 'summaries.json');
    writeFileSync(file, JSON.stringify(scalars));
    const script = fileURLToPath(new URL('./metrics_peer.py', import.meta.url));
    const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
    const python = ['python3', '/usr/bin/python3'].find(
      (command) => spawnSync(command, ['-c', 'import sklearn']).status === 0,
    );
    if (python === undefined) throw new Error('The benchmark needs scikit-learn: apt-get install python3-sklearn');
    const run = spawnSync(python, [script, file, String(PEER_RESAMPLES)], { encoding: 'utf8', env });
    if (run.status !== 0) throw new Error(run.stderr);
    return /** @type {{ metrics: Record<string, number>, seconds: Record<string, number>, version: string }} */ (
      JSON.parse(run.stdout)
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
