import { formatScore } from '@weakspot/core';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as onnxruntime from 'onnxruntime-node';
import { type Browser, type Page, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../data/testing/files.js';
import type { EvaluationRecord } from '../report/record.js';
import { reportRuns } from './report-runs.js';
import * as checks from './testing/page-checks.js';
import { writeFilms, writeReportedRun } from './testing/runs.js';

/** Debian's: nothing is downloaded for the tests. */
const executablePath = '/usr/bin/chromium';
const isMissing = !existsSync(executablePath);

// Outside CI chromium may be missing; in CI it may not.
describe.skipIf(isMissing && process.env['CI'] === undefined)('a report in a browser (needs chromium)', () => {
  const { folder, remove } = temporaryFolder();
  const file = join(folder, 'report.html');
  const url = pathToFileURL(file).href;
  /** What the page asked the network for, and what it complained about. */
  const [asked, complaints]: [string[], string[]] = [[], []];
  let browser: Browser | undefined;
  let page: Page;
  let records: readonly EvaluationRecord[] = [];

  beforeAll(async () => {
    // Names that would be markup, were they not escaped.
    const films = await writeFilms(join(folder, 'films <b>&'), 10);
    const runs = [
      await writeReportedRun(join(folder, 'a'), { films, count: 10 }),
      await writeReportedRun(join(folder, 'b'), { films, count: 10, method: 'AvePool' }),
    ];
    for await (const event of reportRuns(runs, { runtime: onnxruntime, cache: undefined, threads: 1, images: 4 })) {
      if (event.type !== 'done') continue;
      ({ records } = event);
      writeFileSync(file, event.html);
    }
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    page = await browser.newPage({ viewport: { width: 390, height: 800 }, colorScheme: 'light' });
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url);
  });

  afterAll(async () => {
    await browser?.close();
    remove();
  });

  const openDetails = 'document.querySelectorAll("details").forEach((details) => { details.open = true; })';

  it('can be used with the keyboard', async () => {
    await page.keyboard.press('Tab');
    expect(await page.evaluate(checks.focused)).toEqual({ name: 'Skip to the results', visible: true });
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    // The table that may be wider than the window is reached, to be scrolled.
    const { name } = await page.evaluate<{ name: string }>(checks.focused);
    expect(name).toBe('Classification and localization on films <b>&');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.querySelector("details").open')).toBe(true);
  });

  it('has one title, headings without gaps, names for everything, and links that lead somewhere', async () => {
    const levels = await page.evaluate<number[]>(checks.headingLevels);
    expect(levels[0]).toBe(1);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels.slice(1).every((level, i) => level <= levels[i]! + 1)).toBe(true);
    expect(await page.evaluate(checks.unnamed)).toEqual([]);
    expect(await page.evaluate('document.images.length')).toBeGreaterThan(8);
    expect(await page.evaluate(checks.brokenLinks)).toEqual([]);
    expect(await page.title()).toContain('films <b>&');
  });

  it('has the record’s numbers in its table', async () => {
    const tables = await page.evaluate<Record<string, string[][]>>(checks.tables);
    const [, ...rows] = tables['Classification and localization on films <b>&'] ?? [];
    expect(rows).toEqual(
      records.map((record) => {
        const { acc, auc, apPositive, apNegative, locAp, hitRate } = record;
        const { hitRateRandom, hitRateShuffled, hitRateMean, hitRateFixed, hitRateBrightest, hitRateDarkest } = record;
        const position = [hitRateShuffled, hitRateMean, hitRateFixed];
        const pointing = [hitRate, hitRateRandom, ...position, hitRateBrightest, hitRateDarkest];
        return [record.method, ...[acc, auc, apPositive, apNegative, locAp, ...pointing].map(formatScore)];
      }),
    );
    expect(rows).toHaveLength(2);
    expect(tables['Training of STL+AvePool, seed 0']?.slice(0, 2)).toEqual([
      ['Epoch', 'alpha', 'Localizer loss', 'Classifier loss'],
      ['1', '0.10', '0.600', '0.800'],
    ]);
  });

  it.each([390, 1280, 1920])('fits a window %i pixels wide, with its numbers unfolded too', async (width) => {
    await page.setViewportSize({ width, height: 800 });
    expect(await page.evaluate(checks.overflow)).toBe(0);
    await page.evaluate(openDetails);
    expect(await page.evaluate(checks.overflow)).toBe(0);
  });

  it.each([
    ['light', 'rgb(255, 255, 255)'],
    ['dark', 'rgb(20, 23, 26)'],
  ] as const)('can be read in %s', async (colorScheme, paper) => {
    await page.emulateMedia({ colorScheme });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(paper);
    await page.evaluate(openDetails);
    expect(await page.evaluate(checks.lowContrast)).toEqual([]);
    expect(await page.evaluate(checks.faintCurves)).toEqual([]);
  });

  it('prints in light colours, with the numbers and without the links', async () => {
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await page.evaluate('document.querySelectorAll("details").forEach((details) => { details.open = false; })');
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    expect(await page.evaluate('document.querySelector("nav").getClientRects().length')).toBe(0);
    expect(
      await page.evaluate('document.querySelector("details table").getBoundingClientRect().height'),
    ).toBeGreaterThan(50);
    const visible = 'document.querySelector("details table").checkVisibility({ contentVisibilityAuto: true })';
    expect(await page.evaluate(visible)).toBe(true);
  });

  it('asked nothing of the network, broke no policy of its own, and runs no script', async () => {
    expect(asked.filter((one) => !one.startsWith('data:') && one !== url)).toEqual([]);
    expect(asked).toContain(url);
    expect(complaints).toEqual([]);
    expect(await page.evaluate('document.scripts.length')).toBe(0);
  });
});
