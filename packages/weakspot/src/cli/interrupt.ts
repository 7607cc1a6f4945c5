/**
 * An abort signal that Ctrl-C (SIGINT) or SIGTERM fires once; a second one ends the process as it would without us.
 * Installed by commands only: a library does not touch the process.
 */
export function interruptSignal(onFirst: () => void): { readonly signal: AbortSignal; readonly dispose: () => void } {
  const controller = new AbortController();
  const handle = (): void => {
    dispose();
    // First the listeners, which take progress bars away; then what is said.
    controller.abort();
    onFirst();
  };
  const dispose = (): void => {
    process.off('SIGINT', handle);
    process.off('SIGTERM', handle);
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return { signal: controller.signal, dispose };
}
