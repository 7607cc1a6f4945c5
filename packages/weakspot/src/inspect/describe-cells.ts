import { formatScore } from '@weakspot/core';
import { renderTable } from '../report/table.js';
import { wrapText } from '../report/wrap.js';
import { type BackgroundCheck, FEWEST_FOR_BACKGROUND } from './background.js';
import type { CellView } from './cell-view.js';

/** What a cell of the proposed network sees, beside the sizes of lesions. */
export function describeCellView({ network, input, field, stride, fieldInImage, sides }: CellView): string {
  const pixels = (value: number): string => String(Math.round(value));
  const rows = [['what a cell sees', pixels(field), `${pixels(fieldInImage.width)} x ${pixels(fieldInImage.height)}`]];
  if (sides !== undefined) {
    const row = (name: string, key: 'lower' | 'median' | 'upper'): string[] => [
      name,
      pixels(sides.input[key]),
      pixels(sides.image[key]),
    ];
    rows.push(
      row('side of a region: lower quartile', 'lower'),
      row('median', 'median'),
      row('upper quartile', 'upper'),
    );
  }
  const table = renderTable(['Pixels', `of the input, ${input.width} x ${input.height}`, 'of an image'], rows);
  const legend = `Cells are those of the proposed network, ${network}, ${stride} pixels of its input apart.`;
  const known = sides === undefined ? ' No region is known to compare with.' : '';
  return [table, wrapText(`${legend}${known}`)].join('\n');
}

const BACKGROUND_LEGEND =
  'Patches of an eighth of the side that touch no region, told by mean and deviation, learned from other patients. Without: the ' +
  'numbers of an image are those of its background; the difference is what a lesion gives away by changing them, with an interval of 95 %.';

/** How much background gives away of the label. */
export function describeBackground(check: BackgroundCheck | undefined): string {
  if (check === undefined) {
    return wrapText(
      `Background: whether normalising images gives their label away cannot be measured without the regions of ${FEWEST_FOR_BACKGROUND} ` +
        'positive images, and as many others.',
    );
  }
  const signed = (value: number): string => `${value < 0 ? '-' : '+'}${formatScore(Math.abs(value))}`;
  const rows = check.normalizations.map(({ normalization, auc, without, leaks }) => [
    normalization,
    formatScore(auc),
    without === undefined ? '' : formatScore(without.auc),
    without === undefined ? '' : `${signed(without.difference)} (${signed(without.low)} to ${signed(without.high)})`,
    leaks ? 'leaks' : '',
  ]);
  const table = renderTable(['Normalised by', 'AUC', 'Without', 'Difference', ''], rows).replaceAll(/ +$/gm, '');
  const { positive, negative } = check.images;
  return [
    `How well background alone predicts "${check.className}" (${positive} images with regions, ${negative} others):`,
    table,
    wrapText(BACKGROUND_LEGEND),
  ].join('\n');
}
