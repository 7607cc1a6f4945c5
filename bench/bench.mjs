// @ts-check
/**
 * Speed and memory against PyTorch on the same machine, in alternating pairs of one run:
 *
 *     npm run bench -- [--json] [--pairs N] [--seconds S] [--threads N] [--only TEXT] [--device cpu|webgpu]
 *     npm run bench -- --profile [--threads N] [--only TEXT]
 *     npm run bench -- --winograd [--threads N] [--only TEXT]
 *     npm run bench -- --decode [--pairs N] [--threads N] [--only TEXT]
 *     npm run bench -- --metrics
 *
 * The second names where a training step's time goes, the third compares Winograd's convolution with the one in use, the
 * fourth the decoding of large images with sharp and with pydicom (Debian's python3-pydicom and python3-gdcm), the fifth
 * measures all metrics beside scikit-learn and numpy (python3-sklearn). The first needs Debian's python3-torch and
 * libopenblas0. Ratios are ours / PyTorch's images per second, pair by pair. A turn takes about S seconds. Training calls
 * the engine for several steps at once, of networks with a large state for up to 24 seconds: with shorter turns these
 * calls are cut short. With --device webgpu our side runs on WebGPU and PyTorch on CUDA, both in float32; images come
 * from the host and results go there on both sides, and memory is the host's.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { renderTable } from 'weakspot';
import { cases, flopsOf } from './cases.mjs';
import { compareDecoding } from './decode.mjs';
import { benchMetrics } from './metrics.mjs';
import { profile } from './profile.mjs';
import { median, startSide, takeTurns } from './sides.mjs';
import { compareWinograd } from './winograd.mjs';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    pairs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    threads: { type: 'string', default: String(availableParallelism()) },
    only: { type: 'string', default: '' },
    device: { type: 'string', default: 'cpu' },
    profile: { type: 'boolean', default: false },
    winograd: { type: 'boolean', default: false },
    decode: { type: 'boolean', default: false },
    metrics: { type: 'boolean', default: false },
  },
});
const threads = Number(flags.threads);
const pairs = Number(flags.pairs);
if (flags.device !== 'cpu' && flags.device !== 'webgpu') {
  console.error(`There is no benchmark on ${flags.device}: --device cpu or webgpu.`);
  process.exit(2);
}
const onCpu = flags.device === 'cpu';
const devices = { ours: flags.device, peer: onCpu ? 'cpu' : 'cuda' };

if (flags.metrics) {
  benchMetrics();
  process.exit(0);
}

if (flags.profile) {
  for (const benchmark of cases) {
    if (benchmark.kind === 'train' && benchmark.name.includes(flags.only)) await profile(benchmark, threads);
  }
  process.exit(0);
}

if (flags.winograd) {
  await compareWinograd(
    cases.filter(({ kind, name }) => kind === 'train' && name.includes(flags.only)),
    threads,
  );
  process.exit(0);
}

if (flags.decode) {
  await compareDecoding({ threads, pairs, only: flags.only });
  process.exit(0);
}

const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import torch']).status === 0,
);
if (python === undefined) {
  console.error('The benchmark needs PyTorch: apt-get install python3-torch libopenblas0');
  process.exit(1);
}

/** @type {Record<string, any>} */
const about = {};
for (const [name, command, script] of /** @type {const} */ ([
  ['ours', process.execPath, './ours.mjs'],
  ['peer', python, './peer.py'],
])) {
  const side = startSide(command, script, threads, devices[name]);
  about[name] = await side.ask({ do: 'about' });
  side.stop();
}
// Ours is the CPU's whatever the device.
const matmul = onCpu ? Math.max(about.ours.matmul, about.peer.matmul) : about.peer.matmul;
console.error(
  `${cpus()[0]?.model}, ${threads} threads; Node ${about.ours.node}; PyTorch ${about.peer.version} with ${about.peer.blas} on ${about.peer.threads} threads`,
);
console.error(
  `fastest matrix product: ${onCpu ? `ours ${(about.ours.matmul / 1e9).toFixed(0)}, ` : ''}PyTorch on ${about.peer.device} ${(about.peer.matmul / 1e9).toFixed(0)} GFLOP/s`,
);
if (onCpu && about.peer.blas !== 'OpenBLAS' && about.peer.blas !== 'MKL')
  console.error('warning: PyTorch runs without OpenBLAS (apt-get install libopenblas0): its numbers mean nothing');

const results = [];
for (const benchmark of cases.filter(({ name }) => name.includes(flags.only))) {
  // Fresh processes for every case, so that peak memory is the case's own.
  const ours = startSide(process.execPath, './ours.mjs', threads, devices.ours);
  const peer = startSide(python, './peer.py', threads, devices.peer);
  await ours.ask({ do: 'case', case: benchmark });
  await peer.ask({ do: 'case', case: benchmark });
  // So many seconds a turn, and at least one step.
  const trial = await peer.ask({ do: 'run', times: 1 });
  const times = Math.max(1, Math.round(Number(flags.seconds) / trial.seconds));
  const turns = await takeTurns(ours, peer, pairs, times);
  ours.stop();
  peer.stop();
  const rate = (/** @type {{ seconds: number }} */ turn) => (times * benchmark.batch) / turn.seconds;
  const ratios = turns.map((turn) => rate(turn.ours) / rate(turn.peer));
  const best = median(turns.map((turn) => rate(turn.ours)));
  const result = {
    name: benchmark.name,
    kind: benchmark.kind,
    ratioMedian: median(ratios),
    ratioMin: Math.min(...ratios),
    ratioMax: Math.max(...ratios),
    ours: best,
    peer: median(turns.map((turn) => rate(turn.peer))),
    ofMatmulRate: (best / benchmark.batch) * (flopsOf(benchmark) / matmul),
    rssOurs: Math.max(...turns.map((turn) => turn.ours.rss)),
    rssPeer: Math.max(...turns.map((turn) => turn.peer.rss)),
  };
  results.push(result);
  console.error(
    `${result.name}: ${result.ours.toFixed(1)} against ${result.peer.toFixed(1)} images/s, ratio ${result.ratioMedian.toFixed(2)} (${result.ratioMin.toFixed(2)} to ${result.ratioMax.toFixed(2)})`,
  );
}
if (flags.json) console.log(JSON.stringify({ cases: results }));
else {
  const mebibytes = (/** @type {number} */ bytes) => (bytes / 2 ** 20).toFixed(0);
  console.log(
    renderTable(
      ['Case', 'Ours img/s', 'PyTorch img/s', 'Ratio', 'Min', 'Max', 'Of matmul', 'Ours MiB', 'PyTorch MiB'],
      results.map((r) => [
        r.name,
        r.ours.toFixed(1),
        r.peer.toFixed(1),
        r.ratioMedian.toFixed(2),
        r.ratioMin.toFixed(2),
        r.ratioMax.toFixed(2),
        r.ofMatmulRate.toFixed(2),
        mebibytes(r.rssOurs),
        mebibytes(r.rssPeer),
      ]),
    ),
  );
}
