/** Milliseconds, and steps, after which the time that is left can be told. */
const SOON = 5000;
const STEPS = 8;
/** A validation image takes about a third of a training image's time: it is only looked at. */
const VALIDATION = 1 / 3;

export interface ExpectedTime {
  /** Counts a step that has ended, of so many in all; the sentence, once it can be told, and undefined otherwise. */
  readonly step: (done: number, total: number) => string | undefined;
}

/**
 * Tells once, after the first steps, how long a training will take and until when. Before that the engine warms up.
 * @param validated Validation images for each training image.
 * @param following Trainings like it that follow.
 * @param now Milliseconds since the epoch.
 */
export function expectTime(validated: number, following = 0, now: () => number = Date.now): ExpectedTime {
  let first: { readonly at: number; readonly done: number } | undefined;
  let told = false;
  return {
    step: (done, total) => {
      if (told) return undefined;
      const time = now();
      if (first === undefined) {
        first = { at: time, done };
        return undefined;
      }
      const [spent, steps] = [time - first.at, done - first.done];
      if (spent < SOON || steps < STEPS) return undefined;
      told = true;
      const each = (spent / steps) * (1 + VALIDATION * validated);
      const until = (left: number): string => `about ${roughly(left / 1000)}, until ${clockTime(time, left)}`;
      const own = until(each * (total - done));
      if (following === 0) return own;
      const runs = following === 1 ? 'run that follows' : `${following} runs that follow`;
      return `${own}; with the ${runs} ${until(each * (total - done + following * total))}`;
    },
  };
}

/** `40 s`, `12 min`, `3 h 20 min`, `2 days 5 h`: no more exactly than it is known. */
export function roughly(seconds: number): string {
  if (seconds < 55) return `${Math.max(5, Math.round(seconds / 5) * 5)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = Math.round(minutes / 10) * 10;
  if (rest < 24 * 60) return `${Math.floor(rest / 60)} h${rest % 60 === 0 ? '' : ` ${rest % 60} min`}`;
  const hours = Math.round(seconds / 3600);
  const days = Math.floor(hours / 24);
  return `${days} ${days === 1 ? 'day' : 'days'}${hours % 24 === 0 ? '' : ` ${hours % 24} h`}`;
}

/** `14:32` of today, or with the date. */
function clockTime(now: number, left: number): string {
  const [today, then] = [new Date(now), new Date(now + left)];
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = `${two(then.getHours())}:${two(then.getMinutes())}`;
  if (then.toDateString() === today.toDateString()) return clock;
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${clock}`;
}
