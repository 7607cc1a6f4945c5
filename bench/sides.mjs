// @ts-check
/** Two programs that take turns at the same work, each in a process of its own. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** @typedef {{ ask: (request: object) => Promise<any>, stop: () => void }} Side */

/**
 * Starts a side, which answers each line of JSON on its standard input with one on its standard output.
 * @param {string} command @param {string} script @param {number} threads @param {string} device
 * @returns {Side}
 */
export function startSide(command, script, threads, device = 'cpu') {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const env = { ...process.env, OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) };
  const child = spawn(command, [file, String(threads), device], { stdio: ['pipe', 'pipe', 'inherit'], env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ask: async (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`${script} ended in answer to ${JSON.stringify(request)}`);
      return JSON.parse(value);
    },
    stop: () => child.stdin.end(),
  };
}

/**
 * So many pairs of turns of `times` units of work each; who begins changes from pair to pair.
 * @param {Side} ours @param {Side} peer @param {number} pairs @param {number} times
 */
export async function takeTurns(ours, peer, pairs, times) {
  const turns = [];
  for (let pair = 0; pair < pairs; pair++) {
    const first = pair % 2 === 0 ? ours : peer;
    const second = first === ours ? peer : ours;
    const answers = new Map([[first, await first.ask({ do: 'run', times })]]);
    answers.set(second, await second.ask({ do: 'run', times }));
    turns.push({ ours: answers.get(ours), peer: answers.get(peer) });
  }
  return turns;
}

export const median = (/** @type {number[]} */ values) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
