// Removes what `tsc -b` has built, so that no stale test or module of a deleted source runs.
import { rmSync } from 'node:fs';

for (const name of ['core', 'weakspot']) {
  rmSync(new URL(`../packages/${name}/dist`, import.meta.url), { recursive: true, force: true });
}
