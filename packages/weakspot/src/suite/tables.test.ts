import { describe, expect, it } from 'vitest';
import type { Suite } from './result.js';
import { gainTable, overallTable, suiteMarkdown, suiteTestTable } from './tables.js';
import { comparisonOf, differenceOf, methodOf, scoreOf } from './testing/comparisons.js';
import { verdictOf } from './verdict.js';

const suiteOf = (changes: Partial<Suite> = {}): Suite => {
  const strong = methodOf('A', scoreOf([0.7, 0.8]), scoreOf([0.5, 0.7]));
  const weak = methodOf('B', scoreOf([0.3, 0.2]), scoreOf([0.1, -0.1]), { map: 'layercam' });
  const comparison = comparisonOf([strong, weak], [differenceOf('B', -0.6, 0.05, { standardError: 0.4, freedom: 3 })]);
  const sets = [
    { name: 'lgg', comparison },
    { name: 'busi', comparison },
  ];
  return {
    format: 1,
    weakspot: '0.1.0',
    settings: ['A', 'B'],
    sets: sets.map(({ name }) => ({ name, folder: name, state: 'done', error: null })),
    checkpoint: 'last',
    tolerance: null,
    resamples: 60,
    level: 0.95,
    ...verdictOf(sets, ['A', 'B'], 0.95),
    ...changes,
  };
};

describe('the tables of a suite', () => {
  it('show a test set’s hits beside what has learned nothing, in the region with AUC and boxes', () => {
    const [test] = suiteOf().tests;
    expect(suiteTestTable(test!, 'inRegion').split('\n')).toEqual([
      'Setting           AUC    Hit                  Gain  Random  Shuffled  Mean map  Fixed  Bright  Dark',
      '---------------  ----  -----  --------------------  ------  --------  --------  -----  ------  ----',
      'A                .850   .750  +.600 [+.540, +.660]    .100      .200      .150   .400    .300  .000',
      'B, layercam map  .850  .250†   .000 [-.060, +.060]    .100      .200      .150   .400    .300  .000',
      '',
      'Setting          Box AP  IoBB .1  IoBB .25  IoBB .5',
      '---------------  ------  -------  --------  -------',
      'A                  .250     .750      .500     .250',
      'B, layercam map    .250     .750      .500     .250',
    ]);
    expect(suiteTestTable(test!, 'atTolerance')).not.toContain('AUC');
  });

  it('show over all sets means, the worst run, where a point wins, and differences to the first', () => {
    expect(overallTable(suiteOf(), 'inRegion').split('\n').slice(2)).toEqual([
      'A        .850  .750  +.600 [+.558, +.642]  +.500 (lgg)  0 of 2                       -        -',
      'B        .850  .250   .000 [-.042, +.042]  -.100 (lgg)  2 of 2  -.600 [-.669, -.531] *        -',
    ]);
    expect(gainTable(suiteOf(), 'inRegion').split('\n').slice(2)).toEqual([
      'A             +.600  +.600  +.600',
      'A, worst run  +.500  +.500',
      'B             .000†  .000†   .000',
      'B, worst run  -.100  -.100',
    ]);
  });

  it('are one document, which says which sets are not in it', () => {
    const sets: Suite['sets'] = [
      { name: 'lgg', folder: 'lgg', state: 'done', error: null },
      { name: 'mias', folder: 'mias', state: 'failed', error: { code: 'data', message: 'no\nimage' } },
      { name: 'late', folder: 'late', state: 'waiting', error: null },
    ];
    const text = suiteMarkdown(suiteOf({ sets }));
    expect(text).toContain('- **mias: failed: no image**\n- **late: not finished**');
    expect(text.match(/^## .*/gm)).toEqual(['## All test sets', '## lgg', '## busi']);
    expect(text).toContain('| A | .850 | .750 | +.600 [+.540, +.660] |');
    expect(suiteMarkdown(suiteOf({ sets, tests: [] }))).not.toContain('## All test sets');
  });
});
