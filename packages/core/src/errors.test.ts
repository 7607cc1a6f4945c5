import { describe, expect, it } from 'vitest';
import { WeakspotError, formatIssue, messageOf } from './errors.js';

describe('WeakspotError', () => {
  it('is an Error with a code, a hint, the cause and issues', () => {
    const cause = new TypeError('inner');
    const issue = { severity: 'error', message: 'no such label', file: 'labels.csv' } as const;
    const error = new WeakspotError('data', 'The labels are wrong.', { hint: 'Mend them.', cause, issues: [issue] });
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('WeakspotError');
    expect(String(error)).toBe('WeakspotError: The labels are wrong.');
    expect(error).toMatchObject({ code: 'data', hint: 'Mend them.', cause, issues: [issue] });
  });

  it('without options has no hint, no issues, and no cause at all', () => {
    const error = new WeakspotError('io', 'Refused.');
    expect(error.hint).toBeUndefined();
    expect(error.issues).toEqual([]);
    expect('cause' in error).toBe(false);
  });
});

describe('formatIssue', () => {
  const base = { severity: 'warning', message: 'the field is empty' } as const;

  it('leads with file and line and ends with the column', () => {
    expect(formatIssue({ ...base, file: 'a/labels.csv', line: 7, field: 'label' })).toBe(
      'a/labels.csv:7: the field is empty (column "label")',
    );
  });

  it('leaves out what is not known', () => {
    expect(formatIssue(base)).toBe('the field is empty');
    expect(formatIssue({ ...base, file: 'labels.csv' })).toBe('labels.csv: the field is empty');
    expect(formatIssue({ ...base, line: 7, field: 'x' })).toBe('the field is empty (column "x")');
  });
});

describe('messageOf', () => {
  it('takes the message of an Error and the text of anything else', () => {
    expect(messageOf(new WeakspotError('io', 'Refused.'))).toBe('Refused.');
    expect(messageOf('plain')).toBe('plain');
    expect(messageOf(undefined)).toBe('undefined');
  });
});
