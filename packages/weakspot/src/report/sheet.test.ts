import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { contactSheetSvg } from './sheet.js';

async function plain(background: string): Promise<Uint8Array> {
  return sharp({ create: { width: 4, height: 4, channels: 3, background } })
    .png()
    .toBuffer();
}

describe('contactSheetSvg', () => {
  it('holds its pictures, row by row, where the labels say', async () => {
    const [red, green, blue] = await Promise.all(['#ff0000', '#00ff00', '#0000ff'].map(plain));
    const svg = contactSheetSvg({
      columns: ['left', 'right'],
      rows: [
        { label: 'first', cells: [red!, green!] },
        { label: 'second', cells: [new Uint8Array(0), blue!] },
      ],
      cellWidth: 40,
      cellHeight: 40,
    });
    const places = [...svg.matchAll(/<image x="([\d.]+)" y="([\d.]+)"/g)].map((m) => [Number(m[1]), Number(m[2])]);
    expect(places).toHaveLength(3);
    const { data, info } = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const middle = ([x, y]: number[]): number[] => {
      const offset = (Math.floor(y! + 20) * info.width + Math.floor(x! + 20)) * 3;
      return [...data.subarray(offset, offset + 3)];
    };
    expect(places.map(middle)).toEqual([
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ]);
    const [a, b, c] = places;
    expect([a![1], b![0]]).toEqual([b![1], c![0]]);
    for (const text of ['left', 'right', 'first', 'second']) expect(svg).toContain(`>${text}</text>`);
  });

  it('wraps and escapes its caption below the pictures', async () => {
    const cells = [await plain('#808080')];
    const sheet = { columns: [''], rows: [{ label: '', cells }], cellWidth: 120, cellHeight: 50 };
    const heightOf = async (svg: string): Promise<number> => (await sharp(Buffer.from(svg)).metadata()).height;
    const short = contactSheetSvg(sheet);
    const long = contactSheetSvg({ ...sheet, caption: 'Green: ground truth & more. White: regions found by the map.' });
    expect(await heightOf(long)).toBeGreaterThan((await heightOf(short)) + 3 * 18);
    expect(long).toContain('truth &amp;');
  });
});
