import { describe, expect, it } from 'vitest';
import type { ClassChoice } from './classes.js';
import { chooseClasses } from './classes.js';
import { IssueList } from './issues.js';
import { failureOf } from './testing/files.js';

interface Given {
  readonly boxed?: readonly string[];
  readonly positive?: string;
  readonly classes?: readonly string[];
}

function choose(labels: readonly string[], given: Given = {}): ClassChoice & { issues: string[] } {
  const issues = new IssueList();
  const files = labels.map((label, i) => ({
    name: `${i}`,
    path: `/${i}`,
    label,
    patient: undefined,
    split: undefined,
    line: i + 2,
  }));
  const options = { positive: given.positive, classes: given.classes };
  const choice = chooseClasses(files, new Set(given.boxed), options, { file: 'labels.csv' }, issues);
  return { ...choice, issues: issues.list().map((issue) => `${issue.severity} ${issue.line ?? ''} ${issue.message}`) };
}

describe('chooseClasses', () => {
  it.each([
    [['tb', 'clear'], 'tb'],
    [['Normal', 'Abnormal'], 'Abnormal'],
    [['0', '1'], '1'],
    [['No Finding', 'nodule'], 'nodule'],
    [['nodule', 'healthy'], 'nodule'],
    [['non-TB', 'TB'], 'TB'],
    [['NEG', 'pos'], 'pos'],
    [['benign', 'malignant'], 'malignant'],
    [['benign', 'normal'], 'benign'],
    [['normal', 'benign', 'malignant'], 'malignant'],
  ])('tells the positive of %j by the names', (labels, positive) => {
    const choice = choose(labels);
    expect([choice.classes[choice.positive], choice.issues]).toEqual([positive, []]);
    if (labels.length === 2) expect(choice.positive).toBe(1);
  });

  it('prefers the caller, then boxes, then names', () => {
    expect(choose(['clear', 'tb'], { positive: 'clear', boxed: ['tb'] }).classes).toEqual(['tb', 'clear']);
    expect(choose(['clear', 'tb'], { boxed: ['clear'] }).classes).toEqual(['tb', 'clear']);
    expect(choose(['clear', 'tb'], { boxed: ['tb', 'clear'] }).classes).toEqual(['clear', 'tb']);
  });

  it('sorts more than two classes by name, wherever the positive one is', () => {
    expect(choose(['mass', 'normal', 'cyst', 'mass'], { boxed: ['mass'] })).toEqual({
      classes: ['cyst', 'mass', 'normal'],
      positive: 1,
      issues: [],
    });
  });

  it('asks for the positive class where it cannot be told', () => {
    for (const labels of [
      ['left', 'right'],
      ['cyst', 'mass', 'normal'],
      ['clear', 'normal'],
    ]) {
      const names = labels.map((label) => `"${label}"`).join(', ');
      expect(choose(labels).issues).toEqual([
        expect.stringMatching(new RegExp(`^error .*--positive with one of ${names}$`)),
      ]);
    }
  });

  it("keeps a trained run's order, and reports labels it does not know", () => {
    expect(choose(['b', 'a'], { classes: ['b', 'a'] })).toEqual({ classes: ['b', 'a'], positive: 1, issues: [] });
    expect(choose(['tb', 'clear'], { classes: ['tb', 'clear'] })).toMatchObject({
      classes: ['tb', 'clear'],
      positive: 0,
    });
    const choice = choose(['clear', 'tb', 'claer', 'claer'], { classes: ['clear', 'tb'] });
    expect(choice.issues).toEqual([
      'error 4 "claer" is not a class (did you mean "clear"?); the classes are clear, tb',
    ]);
  });

  it('refuses a set of one class, and only warns of it under a trained run', () => {
    expect(choose(['tb', 'tb']).issues).toEqual(['error  all labels are "tb": at least two classes are needed']);
    expect(choose(['tb', 'tb'], { classes: ['clear', 'tb'] })).toMatchObject({
      positive: 1,
      issues: [expect.stringMatching(/^warning/)],
    });
  });

  it('refuses a positive class that is not there, and classes that are no list of classes', async () => {
    const error = await failureOf(() => choose(['clear', 'tb'], { positive: 'TB' }));
    expect([error.code, error.message]).toEqual(['usage', 'there is no class "TB" (did you mean "tb"?)']);
    for (const classes of [['tb'], ['tb', 'tb'], []])
      expect((await failureOf(() => choose(['tb'], { classes }))).code).toBe('usage');
  });
});
