/** A union-find over row numbers that keeps rows apart which people split. */
export interface Forest {
  find: (row: number) => number;
  /** Joins two rows' clusters; false where they are one already or must stay apart. */
  join: (a: number, b: number) => boolean;
  mayJoin: (a: number, b: number) => boolean;
}

/** `apart`: lists of rows of which no two may come into one cluster. */
export function createForest(size: number, apart: number[][] = []): Forest {
  const parent = Uint32Array.from({ length: size }, (_, row) => row);
  const count = new Uint32Array(size).fill(1);
  const lists = new Map<number, Set<number>>();
  for (const [list, rows] of apart.entries()) {
    for (const row of rows) lists.set(row, (lists.get(row) ?? new Set()).add(list));
  }

  function at(row: number): number {
    return parent[row] ?? row;
  }

  function find(row: number): number {
    let root = row;
    while (at(root) !== root) root = at(root);
    for (let step = row; step !== root;) {
      const next = at(step);
      parent[step] = root;
      step = next;
    }
    return root;
  }

  function mayJoin(a: number, b: number): boolean {
    const [first, second] = [lists.get(find(a)), lists.get(find(b))];
    return first === undefined || second === undefined || first.isDisjointFrom(second);
  }

  function join(a: number, b: number): boolean {
    let [keep, drop] = [find(a), find(b)];
    if (keep === drop || !mayJoin(keep, drop)) return false;
    if ((count[keep] ?? 0) < (count[drop] ?? 0)) [keep, drop] = [drop, keep];
    parent[drop] = keep;
    count[keep] = (count[keep] ?? 0) + (count[drop] ?? 0);
    const dropped = lists.get(drop);
    if (dropped !== undefined) lists.set(keep, (lists.get(keep) ?? new Set()).union(dropped));
    return true;
  }

  return { find, join, mayJoin };
}
