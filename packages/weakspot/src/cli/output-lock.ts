import { dirname, resolve } from 'node:path';
import { isComparison } from '../compare/index.js';
import { acquireLock, lockOf } from '../data/lock.js';
import { isRun, runFolder } from '../run/folder.js';

/**
 * Does work whose result is written to a file. Where that lies in the folder of a run or of a comparison, nobody trains,
 * compares or writes there meanwhile.
 * @throws WeakspotError `busy` where somebody does.
 */
export async function writingInto<T>(file: string, what: string, work: () => Promise<T>): Promise<T> {
  const folder = dirname(resolve(file));
  if (!(await isRun(runFolder(folder))) && !(await isComparison(folder))) return work();
  const lock = await acquireLock(lockOf(folder), what);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}
