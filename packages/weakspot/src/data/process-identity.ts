/** What tells one process from another that has, or had, its number. */
import { readFile, readlink } from 'node:fs/promises';
import { codeOf } from './storage.js';

/**
 * When a process began, in the system's own terms (on Linux, clock ticks since boot); undefined where it does not run, or the
 * system does not say.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // proc_pid_stat(5): "pid (name) state ...", of which the name may hold anything; the state is the third field, the start
  // the 22nd.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields?.[0], fields?.[19]];
  // A zombie has ended, and waits for its parent to ask how.
  return state === 'Z' || state === 'X' ? undefined : start;
}

/**
 * Whether a process with this number runs, and is the one that began then.
 * @param otherwise The answer where it runs and its beginning is not known.
 */
export async function isRunning(pid: number, started: string | null, otherwise: boolean): Promise<boolean> {
  if (started !== null) return (await startOf(pid)) === started;
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // It runs, and is somebody else's.
    if (codeOf(error) !== 'EPERM') return false;
  }
  return otherwise;
}

/**
 * Where process numbers mean the same as here: equal for processes of one boot and, with containers, of one space of
 * process numbers. Empty where the system knows neither.
 */
export async function whereabouts(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const space = await readlink('/proc/self/ns/pid').catch(() => '');
  return [boot.trim(), space].filter((part) => part !== '').join(' ');
}
