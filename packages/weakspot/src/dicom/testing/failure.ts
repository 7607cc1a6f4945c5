import { WeakspotError } from '@weakspot/core';

/** The WeakspotError that the call ends with. */
export async function failureOf(call: () => unknown): Promise<WeakspotError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof WeakspotError) return error;
    throw error;
  }
  throw new Error('the call did not fail');
}
