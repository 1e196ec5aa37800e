import type { Dependency } from '../graph/dependencies.ts';

/** Dependencies as a tree of box-drawing lines: each package once, under the one through which it is reached first. */
export function renderTree(root: string, packages: Dependency[], depth: number): string[] {
  const children = Map.groupBy(packages, (entry) => entry.via);
  const lines = [root];
  addChildren(root, '', 1);
  return lines;

  function addChildren(parent: string, indent: string, level: number): void {
    const entries = (children.get(parent) ?? []).filter((entry) => entry.depth === level);
    for (const [index, entry] of entries.entries()) {
      const last = index === entries.length - 1;
      const below = (children.get(entry.attribute_path) ?? []).length;
      const hidden = level === depth && below > 0 ? ` … ${below} more` : '';
      lines.push(`${indent}${last ? '└─' : '├─'} ${entry.attribute_path}${hidden}`);
      if (level < depth) addChildren(entry.attribute_path, `${indent}${last ? '   ' : '│  '}`, level + 1);
    }
  }
}
