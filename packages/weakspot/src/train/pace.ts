/** How fast training goes, told after each call of the engine. */
export interface Pace {
  /** Counts a call of so many images. */
  count(images: number): void;
  /** Images per second, smoothed over about the last twenty calls; 0 before the first. */
  readonly imagesPerSecond: number;
}

/** Weight of the newest call in the running mean. */
const NEWEST = 0.05;

/** Starts measuring; what is done between calls counts to the next one. */
export function startPace(now: () => number = () => performance.now()): Pace {
  let last = now();
  let smoothed: number | undefined;
  return {
    count: (images) => {
      const time = now();
      // A clock that has not moved must not make the rate infinite.
      const rate = images / Math.max((time - last) / 1000, 1e-6);
      last = time;
      smoothed = smoothed === undefined ? rate : (1 - NEWEST) * smoothed + NEWEST * rate;
    },
    get imagesPerSecond() {
      return smoothed ?? 0;
    },
  };
}

/** What a call may take: stopping and progress wait for it. */
const SHORTEST_CALL = 1;
const LONGEST_CALL = 24;
/** A call copies weights and momentum in and out, at about 1 GB/s or less; it should take this many times as long as that. */
const CALL_PER_COPY = 20;
const COPIED_PER_SECOND = 1e9;
const MAX_STEPS_PER_CALL = 32;

export interface Calls {
  /** Steps that the next call should take. */
  readonly steps: number;
  /** Runs a call of so many steps and learns from its time. */
  time<T>(steps: number, call: () => Promise<T>): Promise<T>;
}

/**
 * How many steps to give the engine at once: as many as take about a second, so that stopping and progress need not
 * wait longer; for large networks up to 24 seconds, as every call copies the network's state; or one where several
 * are no faster. Nothing but speed depends on it.
 *
 * @param stateBytes Size of weights and momentum together.
 */
export function startCalls(repeats: boolean, stateBytes: number, now: () => number = () => performance.now()): Calls {
  let steps = 1;
  const wanted = Math.min(Math.max((CALL_PER_COPY * stateBytes) / COPIED_PER_SECOND, SHORTEST_CALL), LONGEST_CALL);
  return {
    get steps() {
      return steps;
    },
    time: async (count, call) => {
      const began = now();
      const result = await call();
      const seconds = (now() - began) / 1000 / count;
      if (repeats) steps = Math.min(Math.max(Math.round(wanted / seconds), 1), MAX_STEPS_PER_CALL);
      return result;
    },
  };
}
