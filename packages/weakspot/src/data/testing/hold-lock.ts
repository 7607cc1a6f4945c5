/** A process that takes a lock: `hold-lock.js PATH` says `has it` or the error, and holds it until its standard input ends. */
import { acquireLock } from '../lock.js';

const [, script, path = ''] = process.argv;
if (script === import.meta.filename) {
  try {
    const lock = await acquireLock(path, 'a test');
    process.stdout.write('has it\n');
    process.stdin.resume();
    await new Promise((resolve) => process.stdin.once('end', resolve));
    await lock.release();
  } catch (error) {
    process.stdout.write(`${String(error)}\n`);
    process.exitCode = 1;
    process.stdin.unref();
  }
}
