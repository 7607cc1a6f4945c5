import { Command } from 'commander';
import { renderTable } from '../report/table.js';
import { wrapText } from '../report/wrap.js';
import { type Diagnosis, type ProviderDiagnosis, TOLERANCE, diagnose } from './diagnosis.js';
import { type Terminal, countOf, exitCodes } from './terminal.js';

export function doctorCommand(terminal: Terminal, done: (code: number) => void): Command {
  return new Command('doctor')
    .summary('show what this machine can compute on, and what is missing')
    .description(
      'Shows versions, the machine, the image library and the cache, and how each device compares with the CPU or why it ' +
        'cannot be used. Each device is tried in a separate process. The exit code is 0 if training can run.',
    )
    .option('--json', 'write what was found as one JSON object to standard output')
    .action(async ({ json = false }: { json?: boolean }) => {
      if (terminal.interactive) terminal.err('trying every device: this takes a few seconds');
      const found = await diagnose();
      terminal.out(json ? JSON.stringify(found) : describe(found));
      done(found.ok ? exitCodes.done : exitCodes.failed);
    });
}

/** What was found, for a person. */
export function describe(found: Diagnosis): string {
  const { weakspot, node, platform, architecture, processor, cores, memory, onnxruntime, images, cache } = found;
  const rows = [
    ['Weakspot', weakspot],
    ['Node', node.supported ? node.version : `${node.version}: too old, ${node.needed} is needed`],
    ['ONNX Runtime', onnxruntime ?? 'not installed'],
    ['Machine', `${platform} ${architecture}, ${processor}, ${countOf(cores, 'core')}, ${size(memory)} of memory`],
    ['Images', images.problem ?? `${images.library}: ${images.formats.join(', ')}; 8 and 16 bits`],
    ['Cache', `${cache.folder}: ${cacheState(cache)}`],
  ];
  const devices = found.providers.map((report) => [report.provider, ...describeProvider(report)]);
  const advice = found.providers.flatMap(({ provider, hint }) => (hint === undefined ? [] : [`${provider}: ${hint}`]));
  return [
    renderTable(['What', 'Found'], wrapLast(rows, 100), { textColumns: 2 }),
    renderTable(['Device', 'Usable', 'Error', 'Speed', 'Remarks'], wrapLast(devices, 85), { textColumns: 5 }),
    'Error: largest difference from the CPU in a convolution’s gradient. Speed: as a multiple of the CPU’s.',
    ...(advice.length === 0 ? [] : [advice.map((line) => wrapText(line)).join('\n')]),
    found.ok ? 'Training can run.' : 'Training cannot run: see above.',
  ].join('\n\n');
}

/** Rows whose last cell goes on in rows below where it is longer than `width` columns. */
function wrapLast(rows: readonly (readonly string[])[], width: number): string[][] {
  return rows.flatMap((cells) =>
    wrapText(cells.at(-1) ?? '', width)
      .split('\n')
      .map((line, i) => [...cells.slice(0, -1).map((cell) => (i === 0 ? cell : '')), line]),
  );
}

/** Usable, error, speed and remarks. */
function describeProvider({ provider, available, reason = '', check, correct }: ProviderDiagnosis): string[] {
  if (!available || check === undefined) return [available ? 'yes' : 'no', '-', '-', reason];
  const { error, speed } = check;
  const slow = provider !== 'cpu' && speed < 1 ? ['slower than the CPU'] : [];
  const wrong = correct === true ? [] : [`differs from the CPU by more than ${TOLERANCE.toExponential()}`];
  return ['yes', error === 0 ? '0' : error.toExponential(0), speed.toPrecision(2), [...wrong, ...slow].join('; ')];
}

function cacheState({ writable, files, bytes, problem }: Diagnosis['cache']): string {
  const held = files === 0 ? 'empty' : `${countOf(files, 'file')}, ${size(bytes)}`;
  return writable ? `${held}, can be written` : `${held}, cannot be written (${problem}): choose another with --cache`;
}

/** `12.3 MB`, `16.8 GB` */
function size(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
