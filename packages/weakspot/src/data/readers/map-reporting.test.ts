import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { IssueList } from '../issues.js';
import { mapReporting } from './map-reporting.js';

describe('mapReporting', () => {
  it('reports in the order of the items, whichever is done first, and counts on where many are of a kind', async () => {
    const report = async (delayOf: (item: number) => number): Promise<IssueList> => {
      const issues = new IssueList();
      issues.warning('things', 'before');
      const items = Array.from({ length: 30 }, (_, i) => i);
      const results = await mapReporting(items, 8, issues, async (item, own) => {
        await setTimeout(delayOf(item));
        own.warning('things', `thing ${item}`, { file: `${item}` });
        if (item % 10 === 0) own.error(`error ${item}`);
        return item;
      });
      expect(results).toEqual(items);
      return issues;
    };
    const [first, second] = [await report((item) => item % 4), await report((item) => 3 - (item % 4))];
    expect(first.list()).toEqual(second.list());
    const messages = first.list().map(({ message }) => message);
    expect(messages.slice(0, 6)).toEqual(['error 0', 'error 10', 'error 20', 'before', 'thing 0', 'thing 1']);
    expect([messages.length, messages.at(-1)]).toEqual([3 + 20 + 1, 'and 11 more things']);
  });

  it('keeps the count of a list that left some out', () => {
    const [all, own] = [new IssueList(), new IssueList()];
    for (let i = 0; i < 25; i++) own.warning('things', `${i}`);
    all.append(own);
    all.append(own);
    expect(all.list().at(-1)?.message).toBe('and 30 more things');
  });
});
