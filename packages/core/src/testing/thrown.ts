import { WeakspotError } from '../errors.js';

/** The WeakspotError that `act` throws; anything else, or nothing, fails the test. */
export function thrownBy(act: () => unknown): WeakspotError {
  try {
    act();
  } catch (error) {
    if (error instanceof WeakspotError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The WeakspotError that `act` rejects with; anything else, or nothing, fails the test. */
export async function rejectionOf(act: () => Promise<unknown>): Promise<WeakspotError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof WeakspotError) return error;
    throw error;
  }
  throw new Error('nothing was rejected');
}
