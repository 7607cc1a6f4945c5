import { basename } from 'node:path';
import type { Localization } from '../evaluate/index.js';
import { countOf } from './terminal.js';

/** What was found in images, in a line. */
export class LocalizationSummary {
  readonly #predicted = new Map<string, number>();
  #last: Localization | undefined;
  #images = 0;

  add(localization: Localization): void {
    const { predicted } = localization;
    this.#predicted.set(predicted, (this.#predicted.get(predicted) ?? 0) + 1);
    this.#last = localization;
    this.#images++;
  }

  /** Images localized. */
  get images(): number {
    return this.#images;
  }

  /**
   * Of one image what was found in it, of several how many are of which class.
   * @param into Where the results are, such as ` in found`.
   * @param asked Images that were to be localized.
   */
  describe(into: string, asked: number): string {
    if (asked === 1 && this.#images === 1 && this.#last !== undefined) return `${describeOne(this.#last)}${into}`;
    const counts = [...this.#predicted]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => `${count} ${name}`);
    return `${countOf(this.#images, 'image')} localized${into}${counts.length === 0 ? '' : `: ${counts.join(', ')}`}`;
  }
}

function describeOne({ file, positive, probabilities, response, boxes }: Localization): string {
  const probability = `${positive} ${(probabilities[positive] ?? 0).toFixed(3)}`;
  const [count, noun] = [boxes.length, boxes.length === 1 ? 'box' : 'boxes'];
  return `${basename(file)}: ${probability}, response at (${response.x}, ${response.y}), ${count === 0 ? 'no' : count} ${noun}`;
}
