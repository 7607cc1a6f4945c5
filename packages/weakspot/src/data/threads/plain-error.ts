import { type DataIssue, type ErrorCode, WeakspotError, messageOf } from '@weakspot/core';

/** An error on its way between threads, which structured cloning would strip of its class. */
export interface PlainError {
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly hint: string | undefined;
  readonly issues: readonly DataIssue[];
  readonly stack: string | undefined;
}

export function toPlainError(error: unknown): PlainError {
  const known = error instanceof WeakspotError ? error : undefined;
  return {
    code: known?.code,
    message: messageOf(error),
    hint: known?.hint,
    issues: known?.issues ?? [],
    stack: error instanceof Error ? error.stack : undefined,
  };
}

/** The error again; one that was not a WeakspotError is an error of the engine's, with its stack as the cause. */
export function fromPlainError({ code, message, hint, issues, stack }: PlainError): WeakspotError {
  return new WeakspotError(code ?? 'engine', message, {
    issues,
    ...(hint === undefined ? {} : { hint }),
    ...(code === undefined && stack !== undefined ? { cause: stack } : {}),
  });
}
