import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { flatPgm, temporaryFolder, writeTree } from '../data/testing/files.js';
import { contactSheetPng } from './contact-sheet.js';
import { type InspectEvent, describeInspection, inspectDataset } from './index.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** Ten films: eight with Mass, the first of them with Effusion too; one with Effusion alone, one with nothing. */
async function inspected(): Promise<Extract<InspectEvent, { type: 'done' }>> {
  const names = Array.from({ length: 10 }, (_, i) => `${i}.pgm`);
  const labels = ['Mass|Effusion', ...Array.from({ length: 7 }, () => 'Mass'), 'Effusion', 'No Finding'];
  const table = ['file,label', ...names.map((name, i) => `${name},${labels[i]}`)].join('\n');
  const films = names.map((name, i): [string, Uint8Array] => [name, flatPgm(20, 10, 20 * i)]);
  writeTree(folder, { ...Object.fromEntries(films), 'labels.csv': table });
  for await (const event of inspectDataset(folder)) if (event.type === 'done') return event;
  throw new Error('no inspection');
}

describe('the inspection of a multi-label set', () => {
  it('looks at every class by itself, and proposes no weights', async () => {
    const { inspection } = await inspected();
    const { set } = inspection;
    expect(set?.shortcuts.map(({ className, groups }) => [className, groups])).toEqual([
      ['Effusion', { positive: 2, negative: 8 }],
      ['Mass', { positive: 8, negative: 2 }],
    ]);
    // One class is four times the other: classes that exclude each other would be weighted, which training refuses here.
    expect(set?.config).toMatchObject({ balance: 'none', data: { multiLabel: true } });
    expect(describeInspection(inspection)).toContain('Classes Effusion, Mass; an image may have several\n');
  });

  it('shows a film under each class that it has', async () => {
    const [width, height] = [48, 48];
    const rgb = new Uint8ClampedArray(width * height * 3);
    for (let i = 0; i < rgb.length; i += 3) rgb[i] = 200;
    const sample = { label: 0, labels: [0, 1] };
    const sheet = await contactSheetPng([{ sample, rgb, width, height }], ['Effusion', 'Mass', 'Nodule']);
    const { data, info } = await sharp(sheet).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const column = info.width / 3;
    const red = [0, 0, 0];
    for (let i = 0; i < data.length; i += 3) {
      const third = Math.floor(((i / 3) % info.width) / column);
      if (data[i] === 200 && data[i + 1] === 0 && data[i + 2] === 0) red[third] = (red[third] ?? 0) + 1;
    }
    expect(red).toEqual([width * height, width * height, 0]);
  });
});
