import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { CurvesOptions } from './curves.js';
import { curvesFigure, curvesSvg, panelsSvg } from './curves.js';

const chart: CurvesOptions = {
  title: 'Loss',
  xLabel: 'epoch',
  yLabel: 'cross entropy',
  series: [
    {
      name: 'train',
      points: [
        { x: 0, y: 1 },
        { x: 5, y: 0.5 },
        { x: 10, y: 0 },
      ],
    },
  ],
};

/** The coordinates of every polyline. */
function polylines(svg: string): number[][][] {
  return [...svg.matchAll(/<polyline points="([^"]+)"/g)].map((match) =>
    match[1]!.split(' ').map((point) => point.split(',').map(Number)),
  );
}

/** Throws where the SVG is not well-formed. */
async function sizeOf(svg: string): Promise<unknown> {
  const { width, height } = await sharp(Buffer.from(svg)).metadata();
  await sharp(Buffer.from(svg)).png().toBuffer();
  return { width, height };
}

describe('curvesSvg', () => {
  it('draws points in proportion, y upwards', async () => {
    const svg = curvesSvg({ ...chart, width: 400, height: 200 });
    const [[start, middle, end]] = polylines(svg) as [[number[], number[], number[]]];
    expect(middle[0]).toBeCloseTo((start[0]! + end[0]!) / 2, 1);
    expect(middle[1]).toBeCloseTo((start[1]! + end[1]!) / 2, 1);
    expect(start[0]!).toBeLessThan(end[0]!);
    expect(start[1]!).toBeLessThan(end[1]!);
    expect(await sizeOf(svg)).toEqual({ width: 400, height: 200 });
  });

  it('puts a curve on the line of the tick whose value it has', () => {
    const svg = curvesSvg(chart);
    const [line] = polylines(svg);
    const tick = /<text x="[\d.]+" y="([\d.]+)"[^>]*>0\.4<\/text>/.exec(svg)!;
    const [top, bottom] = [line![0]![1]!, line![2]![1]!];
    // Tick labels sit 4 pixels below their line.
    expect(Number(tick[1]) - 4).toBeCloseTo(bottom + 0.4 * (top - bottom), 1);
  });

  it('leaves a gap at points that are not finite and dots lonely ones', () => {
    const ys = [1, 2, NaN, 3, Infinity, 4, 5];
    const svg = curvesSvg({ ...chart, series: [{ name: 'a', points: ys.map((y, x) => ({ x, y })) }] });
    expect(polylines(svg).map((line) => line.length)).toEqual([2, 2]);
    expect(svg.match(/<circle/g)).toHaveLength(1);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it('draws axes for no data at all', async () => {
    for (const series of [[], [{ name: 'empty', points: [] }], [{ name: 'nan', points: [{ x: NaN, y: 1 }] }]]) {
      const svg = curvesSvg({ ...chart, series });
      expect(polylines(svg)).toEqual([]);
      expect(svg).not.toMatch(/NaN|Infinity/);
      expect(await sizeOf(svg)).toEqual({ width: 480, height: 300 });
    }
  });

  it('escapes its texts and names each series in the legend, in the colour of its curve', async () => {
    const points = chart.series[0]!.points;
    const svg = curvesSvg({
      ...chart,
      title: 'A & B <1>',
      series: [
        { name: 'x"y', points },
        { name: '', points },
        { name: 'z', points },
      ],
    });
    expect(svg).toContain('A &amp; B &lt;1&gt;');
    expect(svg).toContain('>x&quot;y</text>');
    const strokes = [...svg.matchAll(/stroke="(#\w+)" stroke-width/g)].map((match) => match[1]);
    expect(new Set(strokes).size).toBe(3);
    const swatches = [...svg.matchAll(/height="3" fill="(#\w+)"/g)].map((match) => match[1]);
    expect(swatches).toEqual([strokes[0], strokes[2]]);
    await sizeOf(svg);
  });
});

describe('curvesFigure', () => {
  it('takes its colours, width and dashes from what it is given, and has no paper, title or legend', () => {
    const [series] = chart.series;
    const look = { colour: 'var(--line)', width: 3, dash: '4 2', opacity: 0.5 };
    const svg = curvesFigure({ ...chart, bare: true, ink: 'var(--ink)', series: [{ ...series!, ...look }] });
    expect(svg).toMatch(/^<svg viewBox="0 0 480 300" role="img" aria-label="Loss">/);
    expect(svg).toContain('stroke="var(--line)" stroke-width="3" stroke-dasharray="4 2" opacity="0.5"');
    expect(svg).not.toContain('>Loss</text>');
    expect(svg).not.toContain('>train</text>');
    expect(svg).not.toContain('#333333');
    expect(svg).not.toContain('#ffffff');
  });

  it('keeps to the ranges it is given, and cuts off what lies beyond', () => {
    const svg = curvesFigure({ ...chart, bare: true, xRange: [0, 5], yRange: [0, 1] });
    const [line] = polylines(svg);
    const [, window] =
      /<svg x="[\d.]+" y="[\d.]+" width="([\d.]+)" height="[\d.]+" viewBox="([\d. ]+)">/.exec(svg) ?? [];
    // The point at 5 lies on the plot's right edge, that at 10 as far beyond it as 0 before.
    const [start, middle, end] = line!.map(([x]) => x!);
    expect(end! - middle!).toBeCloseTo(middle! - start!, 1);
    expect(Number(window)).toBeCloseTo(middle! - start! + 2, 1);
    expect([...svg.matchAll(/<text[^>]*>([^<]+)<\/text>/g)].map(([, text]) => text)).toContain('5');
    expect(svg).not.toContain('>6</text>');
  });
});

describe('panelsSvg', () => {
  it('lays the charts out in rows', async () => {
    const svg = panelsSvg([chart, { ...chart, width: 300, height: 350 }, chart], 2);
    expect(await sizeOf(svg)).toEqual({ width: 960, height: 700 });
    const places = [...svg.matchAll(/<g transform="translate\((\d+) (\d+)\)"/g)].map((match) => [match[1], match[2]]);
    expect(places).toEqual([
      ['0', '0'],
      ['480', '0'],
      ['0', '350'],
    ]);
  });
});
