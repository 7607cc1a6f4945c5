import type { DataIssue } from '@weakspot/core';
import { formatIssue, WeakspotError } from '@weakspot/core';
import { PassedOverCounts } from './passed-over.js';

/** Where an issue can be mended. */
export type IssuePlace = Pick<DataIssue, 'file' | 'line' | 'field'>;

/** Warnings of one kind that are listed one by one; further ones are counted. */
const LISTED = 20;
/** Errors shown in the thrown error's message; all of them are in its `issues`. */
const SHOWN = 5;

/** Collects what is wrong with a dataset, so that everything is reported at once. */
export class IssueList {
  readonly #issues: { readonly issue: DataIssue; readonly kind: string | undefined }[] = [];
  readonly #counts = new Map<string, number>();
  #passedOver: PassedOverCounts | undefined;

  /** What walks over its folders did not take for images. */
  get passedOver(): PassedOverCounts {
    // Made when asked for: there is a list for each of many images.
    this.#passedOver ??= new PassedOverCounts();
    return this.#passedOver;
  }

  #add(severity: DataIssue['severity'], message: string, place: IssuePlace = {}, kind?: string): void {
    this.#issues.push({ issue: { severity, message, ...place }, kind });
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
    if (count <= LISTED) this.#add('warning', message, place, kind);
  }

  /** Adds all that another list has, behind what is here. */
  append(other: IssueList): void {
    for (const { issue, kind } of other.#issues) {
      const { severity, message, ...place } = issue;
      if (kind === undefined) this.#add(severity, message, place);
      else this.warning(kind, message, place);
    }
    for (const [kind, count] of other.#counts) {
      if (count > LISTED) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count - LISTED);
    }
    for (const passed of other.#passedOver?.list() ?? []) this.passedOver.append(passed);
  }

  get hasErrors(): boolean {
    return this.#issues.some(({ issue }) => issue.severity === 'error');
  }

  /** All issues so far, errors first. */
  list(): DataIssue[] {
    const more = [...this.#counts].filter(([, count]) => count > LISTED);
    const rest = more.map(([kind, count]): DataIssue => ({
      severity: 'warning',
      message: `and ${count - LISTED} more ${kind}`,
    }));
    const all = [...this.#issues.map(({ issue }) => issue), ...rest];
    return [...all.filter((issue) => issue.severity === 'error'), ...all.filter((issue) => issue.severity !== 'error')];
  }

  /** @throws WeakspotError `data` with all issues, where one of them is an error. */
  throwIfErrors(what: string, hint = 'Correct the data at the places named and try again; nothing was changed.'): void {
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
