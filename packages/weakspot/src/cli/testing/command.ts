import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { join } from 'node:path';
import { main } from '../main.js';

/** What a command line did: its exit code and the lines it wrote. */
export interface CommandResult {
  readonly code: number | null;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

/** Runs a command line in this process, without a terminal. */
export async function weakspot(...args: readonly string[]): Promise<CommandResult> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await main(args, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    interactive: false,
  });
  return { code, out, err };
}

/** The result again, where the command succeeded. */
export function succeeded(result: CommandResult): CommandResult {
  if (result.code !== 0) throw new Error(`exit code ${result.code}:\n${result.err.join('\n')}`);
  return result;
}

/** The command that users start. */
export const binary = join(import.meta.dirname, '..', '..', '..', 'bin', 'weakspot.js');

export interface RunningCommand {
  readonly process: ChildProcess;
  /** Once standard error has this text. */
  readonly says: (text: string) => Promise<void>;
  readonly ended: Promise<CommandResult>;
}

/** Starts a command line as a process of its own. */
export function startWeakspot(...args: readonly string[]): RunningCommand {
  return startWeakspotWith({}, ...args);
}

/** The same in another working directory. */
export function startWeakspotIn(folder: string, ...args: readonly string[]): RunningCommand {
  return start(args, { cwd: folder });
}

/** The same with environment variables beside those of this process. */
export function startWeakspotWith(
  variables: Readonly<Record<string, string>>,
  ...args: readonly string[]
): RunningCommand {
  return start(args, { env: { ...process.env, ...variables } });
}

function start(args: readonly string[], options: Pick<SpawnOptions, 'cwd' | 'env'>): RunningCommand {
  const child = spawn(process.execPath, [binary, ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = new Promise<CommandResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out: linesOf(out), err: linesOf(err) }));
  });
  const says = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (err.includes(text)) resolve();
      };
      child.stderr.on('data', look);
      child.once('close', () => reject(new Error(`ended without saying "${text}":\n${err}`)));
      look();
    });
  return { process: child, says, ended };
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
