/** What asks a command to end: Ctrl-C, `kill` and batch schedulers, a terminal that is closed. */
const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A reader of the output that went away, for commands that have something to save; see `processTerminal`. */
const SAVING_STOPS = [...STOPS, 'SIGPIPE'] as const;

/** Signals within so many milliseconds are one: schedulers, `timeout` and process groups send several at once. */
const ONE_REQUEST = 1000;

export interface InterruptOptions {
  /** The command saves when it is asked to stop: a reader of its output that went away asks for that too. */
  readonly saves?: boolean;
}

/**
 * An abort signal that Ctrl-C (SIGINT), SIGTERM or SIGHUP fires. Whatever comes after it is the same request, but for
 * another Ctrl-C more than a second after the first one, which ends the process as it would without us.
 * Installed by commands only: a library does not touch the process.
 */
export function interruptSignal(
  onFirst: () => void,
  { saves = false }: InterruptOptions = {},
): { readonly signal: AbortSignal; readonly dispose: () => void } {
  const controller = new AbortController();
  const names = saves ? SAVING_STOPS : STOPS;
  let firstByHand: number | undefined;
  const handle = (name: NodeJS.Signals): void => {
    const now = performance.now();
    if (name === 'SIGINT') {
      firstByHand ??= now;
      if (now - firstByHand > ONE_REQUEST) {
        dispose();
        process.kill(process.pid, 'SIGINT');
        return;
      }
    }
    if (controller.signal.aborted) return;
    // First the listeners, which take progress bars away; then what is said.
    controller.abort();
    onFirst();
  };
  const dispose = (): void => {
    for (const name of names) process.off(name, handle);
  };
  for (const name of names) process.on(name, handle);
  return { signal: controller.signal, dispose };
}
