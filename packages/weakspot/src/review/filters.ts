import { createNetwork, percentileWindow } from '@weakspot/core';
import { type FilterBank, filterGridPng, measureFilters } from '../report/filters.js';
import type { PageCell, ReportPage } from '../report/page/content.js';
import { loadCheckpoint, weightsOf } from '../run/checkpoint.js';
import type { CheckpointKind } from '../run/folder.js';
import type { ReportedRun } from './sources.js';

/** The first convolution's filters of a run; undefined where they are not of one channel. */
export async function readFilters(run: ReportedRun, checkpoint: CheckpointKind): Promise<FilterBank | undefined> {
  const first = createNetwork(run.config.network.name).trunk.find(({ kind }) => kind === 'conv');
  const parameters = weightsOf(await loadCheckpoint(run.folder.checkpoint(checkpoint)));
  const stored = parameters.get(`${first?.name ?? ''}.weight`);
  const [count = 0, channels, side = 0, width] = stored?.shape ?? [];
  if (stored === undefined || channels !== 1 || side !== width) return undefined;
  return { weights: stored.data, count, side };
}

/** The 99th percentile of all absolute weights: single large ones would leave the rest grey. */
function limitOf(banks: readonly FilterBank[]): number {
  const sizes = Float32Array.from(banks.flatMap(({ weights }) => [...weights])).map(Math.abs);
  return percentileWindow(sizes, 0, 99)[1];
}

/** The filters of every method's first run, all in the same greys. */
export async function filtersSection(
  banks: readonly { readonly method: string; readonly run: string; readonly bank: FilterBank }[],
): Promise<ReportPage['filters']> {
  if (banks.length === 0) return undefined;
  const measures = banks.map(({ bank }) => measureFilters(bank));
  const limit = limitOf(banks.map(({ bank }) => bank));
  const cells: PageCell[] = [];
  for (const [i, { method, run, bank }] of banks.entries()) {
    const { png, width, height } = await filterGridPng(bank, limit);
    const { smoothness } = measures[i] as (typeof measures)[number];
    const size = `${bank.count} filters of ${bank.side} x ${bank.side}`;
    const alt = `First-layer filters of ${method} in greys, ${size}; smoothness ${smoothness.toFixed(2)}.`;
    cells.push({
      image: { type: 'image/png', bytes: png, width, height, alt },
      caption: method,
      notes: [`${size}, ${run}`],
    });
  }
  const rows = banks.map(({ method }, i) => {
    const { largest, norm, smoothness } = measures[i] as (typeof measures)[number];
    return [method, largest.toFixed(3), norm.toFixed(3), smoothness.toFixed(2)];
  });
  const several = banks.length > 1 ? ', the same for all methods' : '';
  return {
    text:
      `The kernels of the first convolution, largest norm first. Middle grey is 0; black and white are ${limit.toFixed(2)} below and ` +
      `above it, or more${several}. Training begins with noise, whose smoothness is about 0.`,
    cells,
    table: {
      caption: 'First-layer filters in numbers',
      columns: [
        { name: 'Method' },
        { name: 'Largest weight', numeric: true },
        { name: 'Mean norm', numeric: true },
        { name: 'Smoothness', numeric: true },
      ],
      rows,
    },
  };
}
