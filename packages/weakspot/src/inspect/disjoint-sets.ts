/** Union-find over 0..count-1. */
export class DisjointSets {
  readonly #parents: Int32Array;

  constructor(count: number) {
    this.#parents = Int32Array.from({ length: count }, (_, i) => i);
  }

  /** The smallest item of the set that an item is in. */
  find(item: number): number {
    let root = item;
    while (this.#parents[root] !== root) root = this.#parents[root] as number;
    for (let at = item; at !== root;) {
      const next = this.#parents[at] as number;
      this.#parents[at] = root;
      at = next;
    }
    return root;
  }

  join(a: number, b: number): void {
    const [rootA, rootB] = [this.find(a), this.find(b)];
    this.#parents[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
  }

  /** The sets of more than one item, items and sets ascending. */
  sets(): number[][] {
    const byRoot = new Map<number, number[]>();
    for (let item = 0; item < this.#parents.length; item++) {
      const root = this.find(item);
      const members = byRoot.get(root);
      if (members === undefined) byRoot.set(root, [item]);
      else members.push(item);
    }
    return [...byRoot.values()].filter((members) => members.length > 1);
  }
}
