import { WeakspotError } from '@weakspot/core';

/** @throws WeakspotError `aborted` once the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new WeakspotError('aborted', 'Stopped before it was done.', { cause: signal.reason });
}

/**
 * Maps items through an asynchronous function, at most `limit` at a time, results in the items' order. The first
 * failure is thrown, and no further item is started.
 *
 * @throws WeakspotError `aborted` once the signal has fired.
 */
export async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  map: (item: T, index: number) => Promise<R>,
  signal?: AbortSignal,
): Promise<R[]> {
  const results: R[] = Array.from({ length: items.length });
  let next = 0;
  let failed = false;
  const work = async (): Promise<void> => {
    while (next < items.length && !failed) {
      throwIfAborted(signal);
      const index = next++;
      try {
        results[index] = await map(items[index] as T, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  return results;
}

/**
 * Maps items through an asynchronous function and yields the results in the items' order, the next `ahead` items begun
 * beforehand: memory is that of so many, however many there are. What is thrown for an item is thrown at its turn.
 *
 * @throws WeakspotError `aborted` once the signal has fired.
 */
export async function* mapAhead<T, R>(
  items: Iterable<T>,
  ahead: number,
  map: (item: T, index: number) => Promise<R>,
  signal?: AbortSignal,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  const waiting = items[Symbol.iterator]();
  let index = 0;
  const begin = (): void => {
    while (running.length < Math.max(1, ahead)) {
      const next = waiting.next();
      if (next.done === true) return;
      const result = map(next.value, index++);
      // Until its turn comes, a failure is nobody's.
      result.catch(() => undefined);
      running.push(result);
    }
  };
  try {
    for (;;) {
      throwIfAborted(signal);
      begin();
      const first = running.shift();
      if (first === undefined) return;
      yield await first;
    }
  } finally {
    await Promise.allSettled(running);
  }
}
