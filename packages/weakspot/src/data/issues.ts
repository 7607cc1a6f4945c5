import type { DataIssue } from '@weakspot/core';
import { formatIssue, WeakspotError } from '@weakspot/core';

/** Where an issue can be mended. */
export type IssuePlace = Pick<DataIssue, 'file' | 'line' | 'field'>;

/** Warnings of one kind that are listed one by one; further ones are counted. */
const LISTED = 20;
/** Errors shown in the thrown error's message; all of them are in its `issues`. */
const SHOWN = 5;

/** Collects what is wrong with a dataset, so that everything is reported at once. */
export class IssueList {
  readonly #issues: DataIssue[] = [];
  readonly #counts = new Map<string, number>();

  #add(severity: DataIssue['severity'], message: string, place: IssuePlace = {}): void {
    this.#issues.push({ severity, message, ...place });
  }

  error(message: string, place?: IssuePlace): void {
    this.#add('error', message, place);
  }

  /** An item that can't be used: an error where the caller is strict, else a warning that it is left out. */
  leftOut(strict: boolean, message: string, place: IssuePlace): void {
    if (strict) this.#add('error', message, place);
    else this.warning('left out', `${message}: left out`, place);
  }

  /** `kind` names such things in the plural: of a kind only the first 20 are listed, the rest are counted. */
  warning(kind: string, message: string, place?: IssuePlace): void {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count <= LISTED) this.#add('warning', message, place);
  }

  get hasErrors(): boolean {
    return this.#issues.some((issue) => issue.severity === 'error');
  }

  /** All issues so far, errors first. */
  list(): DataIssue[] {
    const more = [...this.#counts].filter(([, count]) => count > LISTED);
    const rest = more.map(([kind, count]): DataIssue => ({
      severity: 'warning',
      message: `and ${count - LISTED} more ${kind}`,
    }));
    const all = [...this.#issues, ...rest];
    return [...all.filter((issue) => issue.severity === 'error'), ...all.filter((issue) => issue.severity !== 'error')];
  }

  /** @throws WeakspotError `data` with all issues, where one of them is an error. */
  throwIfErrors(what: string, hint = 'Mend the data at the places named and try again; nothing was changed.'): void {
    const issues = this.list();
    const errors = issues.filter((issue) => issue.severity === 'error');
    if (errors.length === 0) return;
    const shown = errors.slice(0, SHOWN).map((issue) => `\n  ${formatIssue(issue)}`);
    const more = errors.length > SHOWN ? `\n  and ${errors.length - SHOWN} more` : '';
    const count = errors.length === 1 ? '1 problem' : `${errors.length} problems`;
    throw new WeakspotError('data', `${count} in ${what}:${shown.join('')}${more}`, {
      hint,
      issues,
    });
  }
}
