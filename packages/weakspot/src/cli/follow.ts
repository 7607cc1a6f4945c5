import { interruptSignal } from './interrupt.js';
import { type Terminal, exitCodes } from './terminal.js';

/** Shows the events of long work. */
export interface EventDisplay<E> {
  readonly show: (event: E) => void;
  /** Takes the progress bar away. */
  readonly stop: () => void;
}

export interface FollowOptions<E> {
  readonly terminal: Terminal;
  /** Write every event as a line of JSON to standard output too. */
  readonly json: boolean;
  /** The signal fires where progress bars must go at once. */
  readonly display: (signal: AbortSignal) => EventDisplay<E>;
}

/**
 * Follows training, or several trainings, to the end; Ctrl-C, SIGTERM or SIGHUP stops it, saved.
 * @returns The exit code: `interrupted` after an event `stopped`, else `done`.
 */
export async function follow<E extends { readonly type: string }>(
  start: (signal: AbortSignal) => AsyncIterable<E>,
  { terminal, json, display: createDisplay }: FollowOptions<E>,
): Promise<number> {
  const interrupt = interruptSignal(
    () =>
      terminal.err(
        'stopping: saving after this step (to stop at once without saving, press Ctrl-C again after a second)',
      ),
    { saves: true },
  );
  const display = createDisplay(interrupt.signal);
  let code: number = exitCodes.done;
  try {
    for await (const event of start(interrupt.signal)) {
      if (json) terminal.out(JSON.stringify(event));
      display.show(event);
      if (event.type === 'stopped') code = exitCodes.interrupted;
    }
  } finally {
    display.stop();
    interrupt.dispose();
  }
  return code;
}
