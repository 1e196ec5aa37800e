/** An attribute path, an element a name. */
export type AttributePath = readonly string[];

/** Attribute paths as nix/evaluate.nix reads them: true is a path, an object goes deeper. */
export interface PathTree {
  [name: string]: true | PathTree;
}

/** A key that is equal for equal attribute paths only. */
export function pathKey(path: AttributePath): string {
  return JSON.stringify(path);
}

/** The attribute path of a key. */
export function pathOfKey(key: string): string[] {
  const path: unknown = JSON.parse(key);
  return Array.isArray(path) ? path.map(String) : [];
}

/** An attribute path as nix-eval-jobs writes it: names with dots in quotes. */
export function showPath(path: AttributePath): string {
  return path.map((name) => (name.includes('.') ? `"${name}"` : name)).join('.');
}

/** The tree of some attribute paths; of two where one begins the other, the shorter counts. */
export function pathTree(paths: Iterable<AttributePath>): PathTree {
  const root = branch();
  for (const path of paths) {
    let node = root;
    for (const [depth, name] of path.entries()) {
      const existing = node[name];
      if (existing === true) break;
      if (depth === path.length - 1) node[name] = true;
      else node = existing ?? (node[name] = branch());
    }
  }
  return root;
}

/** Without a prototype: attributes may be called anything. */
function branch(): PathTree {
  const empty: PathTree = {};
  Object.setPrototypeOf(empty, null);
  return empty;
}
