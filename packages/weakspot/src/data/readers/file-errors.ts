import type { IssueList, IssuePlace } from '../issues.js';

/** Errors listed of one file of annotations; one that isn't what it seems to be would fill the memory with them. */
const LISTED = 100;

/** The errors in one file of annotations, the first hundred of them. */
export class FileErrors {
  readonly #file: string;
  readonly #issues: IssueList;
  #count = 0;

  constructor(file: string, issues: IssueList) {
    this.#file = file;
    this.#issues = issues;
  }

  add(message: string, place: Omit<IssuePlace, 'file'> = {}): void {
    this.#count++;
    if (this.#count <= LISTED) this.#issues.error(message, { file: this.#file, ...place });
    else if (this.#count === LISTED + 1)
      this.#issues.error('and more that are not listed: the rest of the file is not read', { file: this.#file });
  }

  /** Whether there are more than are listed: no use in reading on. */
  get isFull(): boolean {
    return this.#count > LISTED;
  }
}
