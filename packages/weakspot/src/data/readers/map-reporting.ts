import { mapLimited } from '../concurrency.js';
import { IssueList } from '../issues.js';

/**
 * As `mapLimited`, for work that reports issues: what is reported of an item comes behind what is of those before it,
 * whichever is done first.
 */
export async function mapReporting<T, R>(
  items: readonly T[],
  limit: number,
  issues: IssueList,
  map: (item: T, issues: IssueList) => Promise<R>,
  signal?: AbortSignal,
): Promise<R[]> {
  const lists = items.map(() => new IssueList());
  const results = await mapLimited(items, limit, async (item, i) => map(item, lists[i] as IssueList), signal);
  for (const list of lists) issues.append(list);
  return results;
}
