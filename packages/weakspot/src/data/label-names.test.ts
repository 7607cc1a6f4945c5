import { describe, expect, it } from 'vitest';
import { IssueList } from './issues.js';
import { checkAlike, deniesFinding } from './label-names.js';

function alike(...labels: string[]): string[] {
  const issues = new IssueList();
  checkAlike(
    labels.map((label, i) => [label, { file: '/set/l.csv', line: i + 2 }] as const),
    issues,
  );
  return issues.list().map(({ message, line }) => `${line}: ${message}`);
}

describe('checkAlike', () => {
  it('names both of two labels that differ only in case or blanks, of any alphabet', () => {
    const differing = (a: string, b: string): string | undefined =>
      / only in (.*): spell/.exec(alike(a, b)[0] ?? '')?.[1];
    expect(alike('Normal', 'tb', 'normal')).toEqual([
      '4: the class "normal" differs from "Normal" in line 2 only in case: spell both the same way',
    ]);
    expect(differing('Normal', 'Normal ')).toBe('blanks');
    expect(differing('no finding', 'no\u00a0finding')).toBe('blanks');
    expect(differing('nofinding', 'No \u200b Finding')).toBe('case and blanks');
    expect(differing('Höhle', 'HÖHLE')).toBe('case');
    expect(differing('groß', 'GROSS')).toBe('case');
    expect(differing('Ηπαρ ς', 'ηπαρ Σ')).toBe('case');
    expect(differing('ｎormal', 'normal')).toBe('the kind of its letters or blanks');
    expect(differing('1', '1.0')).toBe('how the number is written');
    expect(alike('1', '1.5', '10', '2.0')).toEqual([]);
    expect(differing('Ho\u0308hle', 'H\u00f6hle')).toBe('the kind of its letters or blanks');
  });

  it('says nothing of others, and once of each', () => {
    expect(alike('normal', 'abnormal', 'normal', 'no-finding', 'no finding')).toEqual([]);
    expect(alike('a', 'A', 'A', 'a')).toHaveLength(1);
  });
});

describe('deniesFinding', () => {
  it('knows names that say that nothing is there', () => {
    for (const name of [
      'normal',
      'Normal',
      'NEGATIVE',
      'no finding',
      'No_Finding',
      'no\u00a0tumour',
      'not malignant',
      'non-TB',
      'healthy',
      '0',
    ])
      expect([name, deniesFinding(name)]).toEqual([name, true]);
    expect(deniesFinding('non-effusion', ['Effusion'])).toBe(true);
  });

  it('takes no lesion for none', () => {
    for (const name of [
      'non-calcified nodule',
      'non-small-cell carcinoma',
      'abnormal',
      'nodule',
      'normal variant?',
      'notch',
      '1',
      'clear cell carcinoma',
      'not-otherwise-specified',
    ])
      expect([name, deniesFinding(name, ['nodule'])]).toEqual([name, false]);
  });
});
