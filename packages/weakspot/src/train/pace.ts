/** How fast training goes, told after each step. */
export interface Pace {
  /** Counts a step of so many images. */
  count(images: number): void;
  /** Images per second, smoothed over about the last twenty steps; 0 before the first. */
  readonly imagesPerSecond: number;
}

/** Weight of the newest step in the running mean. */
const NEWEST = 0.05;

/** Starts measuring; what is done between steps counts to the next one. */
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
