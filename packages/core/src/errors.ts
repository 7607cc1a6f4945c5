/**
 * What can go wrong, by code. Each code stands for one kind of problem with one kind of remedy:
 * - `usage`: the call or command is wrong (unknown option, value out of range).
 * - `config`: a configuration file or object is wrong (unknown key, wrong type).
 * - `data`: images, labels or boxes are wrong; `issues` lists them.
 * - `graph`: a graph is malformed, or an op lacks a rule.
 * - `model`: a model or checkpoint file is missing, damaged or of another kind.
 * - `engine`: the runtime could not start, or a run failed.
 * - `diverged`: a training step's loss was not finite.
 * - `exists`: output is already there and `force` was not given.
 * - `busy`: another process works on the same folder.
 * - `io`: the file system refused.
 * - `aborted`: the caller's AbortSignal fired.
 */
export type ErrorCode =
  'usage' | 'config' | 'data' | 'graph' | 'model' | 'engine' | 'diverged' | 'exists' | 'busy' | 'io' | 'aborted';

/** One problem found in data, at the place where it can be mended. */
export interface DataIssue {
  /** `error` stops the work; `warning` leaves the item out, or only reports it. */
  readonly severity: 'error' | 'warning';
  /** What is wrong and, where it helps, what to do: one sentence. */
  readonly message: string;
  /** The file at fault. */
  readonly file?: string;
  /** Line in `file`, from 1. */
  readonly line?: number;
  /** Column name or key at fault. */
  readonly field?: string;
}

export interface WeakspotErrorOptions {
  /** What the user can do about it: one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
  readonly issues?: readonly DataIssue[];
}

/** The one error class of Weakspot: a `code` for programs, a message for people, a hint to act on, and the `cause`. */
export class WeakspotError extends Error {
  override readonly name = 'WeakspotError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly issues: readonly DataIssue[];

  constructor(code: ErrorCode, message: string, options: WeakspotErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.issues = options.issues ?? [];
  }
}

/** `file:line: message (column "x")`, the form that editors and terminals make clickable. */
export function formatIssue(issue: DataIssue): string {
  const place =
    issue.file === undefined ? '' : issue.line === undefined ? `${issue.file}: ` : `${issue.file}:${issue.line}: `;
  const field = issue.field === undefined ? '' : ` (column "${issue.field}")`;
  return `${place}${issue.message}${field}`;
}

/** The message of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
