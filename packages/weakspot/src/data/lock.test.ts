import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { acquireLock, isLockFile, lockBeside, lockOf, refuseHeld } from './lock.js';
import { failureOf, temporaryFolder } from './testing/files.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const script = fileURLToPath(new URL('./testing/hold-lock.js', import.meta.url));

interface Contender {
  readonly process: ChildProcess;
  /** The first line that it says. */
  readonly says: Promise<string>;
  readonly ended: Promise<unknown>;
}

function contend(path: string): Contender {
  const child = spawn(process.execPath, [script, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const says = new Promise<string>((resolve) => child.stdout.setEncoding('utf8').once('data', resolve));
  return { process: child, says, ended: new Promise((resolve) => child.once('exit', resolve)) };
}

/** So many processes at once; those that have the lock, and what the others say. */
async function race(path: string, count: number): Promise<{ holders: Contender[]; refused: string[] }> {
  const all = Array.from({ length: count }, () => contend(path));
  const said = await Promise.all(all.map(({ says }) => says));
  const holders = all.filter((_, i) => said[i] === 'has it\n');
  await Promise.all(all.filter((one) => !holders.includes(one)).map(({ ended }) => ended));
  return { holders, refused: said.filter((text) => text !== 'has it\n') };
}

async function kill({ process: child, ended }: Contender): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

/** A lock as another holder would have written it; `age` in seconds since its last sign of life. */
function forge(path: string, changes: Record<string, unknown>, age = 0): void {
  const holder = {
    token: 'forged',
    host: hostname(),
    pid: process.pid,
    started: '1',
    whereabouts: '',
    since: 'then',
    what: 'a test',
  };
  writeFileSync(path, JSON.stringify({ ...holder, ...changes }));
  const time = Date.now() / 1000 - age;
  utimesSync(path, time, time);
}

/** What a lock that this process has says of where it is. */
async function whereaboutsHere(): Promise<{ whereabouts: string; started: string | null }> {
  const path = join(folder, 'here.lock');
  const lock = await acquireLock(path, 'a test');
  const found = JSON.parse(readFileSync(path, 'utf8')) as { whereabouts: string; started: string | null };
  await lock.release();
  return found;
}

describe('a lock', () => {
  it('names its holder to the second, who is refused, and is gone when it is released', async () => {
    const path = lockOf(join(folder, 'named'));
    const before = new Date().toISOString();
    const lock = await acquireLock(path, 'training');
    const content = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string | number>;
    expect(content).toMatchObject({ host: hostname(), pid: process.pid, what: 'training' });
    expect(String(content['since']) >= before).toBe(true);
    for (const call of [() => acquireLock(path, 'testing'), () => refuseHeld(path)]) {
      const error = await failureOf(call);
      expect([error.code, error.message]).toEqual([
        'busy',
        `${join(folder, 'named')} is in use: training, by this process (${process.pid}), since ${content['since']}.`,
      ]);
      expect(error.hint).toMatch(/^Wait until it has ended/);
    }
    expect(readdirSync(join(folder, 'named'))).toEqual(['weakspot.lock']);
    await lock.release();
    // The folder was made for it.
    expect(existsSync(join(folder, 'named'))).toBe(false);
    await (await acquireLock(path, 'testing')).release();
  });

  it('released leaves a folder that was there, or that holds something', async () => {
    const there = join(folder, 'there');
    mkdirSync(there);
    await (await acquireLock(lockOf(there), 'a test')).release();
    expect(readdirSync(there)).toEqual([]);
    const full = join(folder, 'deep', 'full');
    const lock = await acquireLock(lockOf(full), 'a test');
    writeFileSync(join(full, 'result'), '');
    await lock.release();
    expect(readdirSync(full)).toEqual(['result']);
  });

  it('of a thing that is replaced lies beside it', async () => {
    const lock = await acquireLock(lockBeside(join(folder, 'films')), 'making phantoms');
    const error = await failureOf(() => acquireLock(lockBeside(join(folder, 'films')), 'making phantoms'));
    expect(error.message).toContain(`${join(folder, 'films')} is in use: making phantoms`);
    await lock.release();
  });

  it('is known by its name, and what takes it too', () => {
    expect(['weakspot.lock', 'weakspot.lock.a.tmp', 'weakspot.lock.b.claim'].every(isLockFile)).toBe(true);
    expect(['weakspot.locked', 'model.onnx', 'config.json'].some(isLockFile)).toBe(false);
  });

  it('of a folder that cannot be, as a file is there, says so', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    for (const path of [lockOf(file), lockOf(join(file, 'below')), lockBeside(join(file, 'below'))]) {
      const error = await failureOf(() => refuseHeld(path));
      expect([error.code, error.message]).toEqual(['io', expect.stringContaining(file)]);
      expect(error.message).toContain('there can be no folder');
    }
  });

  it('that cannot be written is an error that names it', async () => {
    writeFileSync(join(folder, 'file'), '');
    const error = await failureOf(() => acquireLock(lockOf(join(folder, 'file')), 'a test'));
    expect([error.code, error.message]).toEqual(['io', expect.stringContaining(lockOf(join(folder, 'file')))]);
  });

  it.each([
    ['a folder', (path: string): unknown => mkdirSync(path)],
    ['a link to nothing', (path: string): unknown => symlinkSync('nowhere', path)],
  ])('in whose place stands %s is an error that names it, and nothing is changed', async (name, make) => {
    const place = join(folder, `place of ${name}`);
    mkdirSync(place);
    const path = lockOf(place);
    make(path);
    for (const call of [() => acquireLock(path, 'a test'), () => refuseHeld(path)]) {
      const error = await failureOf(call);
      expect([error.code, error.message]).toEqual(['io', `${path}, the lock of ${place}, is no plain file.`]);
    }
    expect(readdirSync(place)).toEqual(['weakspot.lock']);
  });
});

describe('of processes that start at once', () => {
  it('one has a lock that is free, and the others name it', async () => {
    const path = lockOf(join(folder, 'free'));
    const { holders, refused } = await race(path, 6);
    expect(holders).toHaveLength(1);
    for (const text of refused)
      expect(text).toContain(`a test, by process ${holders[0]?.process.pid} on ${hostname()}, since`);
    holders[0]?.process.stdin?.end();
    await holders[0]?.ended;
    expect(existsSync(path)).toBe(false);
  });

  it('one has the lock of a holder that was killed (-9), again and again', async () => {
    const path = lockOf(join(folder, 'killed'));
    let holder = contend(path);
    expect(await holder.says).toBe('has it\n');
    for (let round = 0; round < 2; round++) {
      await kill(holder);
      const { holders } = await race(path, 6);
      expect(holders).toHaveLength(1);
      holder = holders[0] as Contender;
      expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: holder.process.pid });
      expect(readdirSync(join(folder, 'killed'))).toEqual(['weakspot.lock']);
    }
    await kill(holder);
  });
});

describe('a lock whose holder', () => {
  const taken = async (path: string): Promise<boolean> => {
    try {
      await (await acquireLock(path, 'a test')).release();
      return true;
    } catch {
      return false;
    }
  };

  it.skipIf(process.platform !== 'linux')('had a number that another process has now is taken over', async () => {
    const path = join(folder, 'reused.lock');
    const { whereabouts, started } = await whereaboutsHere();
    forge(path, { whereabouts, started: '1' });
    expect(await taken(path)).toBe(true);
    forge(path, { whereabouts, started }, 1e6);
    // It lives, however long it has been silent: its machine knows.
    expect(await taken(path)).toBe(false);
  });

  it('is on another machine, boot or container lives while it shows signs of life', async () => {
    const path = join(folder, 'elsewhere.lock');
    for (const place of [{ host: 'elsewhere' }, { whereabouts: 'another boot' }]) {
      forge(path, place, 60);
      const error = await failureOf(() => acquireLock(path, 'a test'));
      expect([error.code, error.hint]).toEqual(['busy', expect.stringContaining('2 minutes')]);
      forge(path, place, 180);
      expect(await taken(path)).toBe(true);
    }
  });

  it('died while it took the lock of a dead one is taken over', async () => {
    const path = join(folder, 'chain.lock');
    const dead = { host: 'elsewhere' };
    forge(path, { ...dead, token: 'first' }, 180);
    forge(`${path}.first.claim`, { ...dead, token: 'second' }, 180);
    forge(`${path}.first.claim.second.claim`, { ...dead, token: 'third' }, 180);
    expect(await taken(path)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('chain'))).toEqual([]);
  });

  it('wrote half of it before it died is taken over', async () => {
    const path = join(folder, 'half.lock');
    writeFileSync(path, '{"token": "a');
    utimesSync(path, 1000, 1000);
    expect(await taken(path)).toBe(true);
  });

  it('lost it to another does not take it away from that one', async () => {
    const path = join(folder, 'lost.lock');
    const lock = await acquireLock(path, 'a test');
    forge(path, { host: 'elsewhere' });
    await lock.release();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ token: 'forged' });
  });
});
