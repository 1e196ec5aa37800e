import { remembered } from '../remembered.ts';

// Folders below pkgs/ whose first level says too little: their second level is part of the category.
const twoLevels = new Set([
  'applications',
  'development',
  'tools',
  'servers',
  'desktops',
  'os-specific',
  'data',
  'games',
]);

/**
 * A package's category: for a member of a package set the set without its version (`python313Packages.numpy` is
 * `python-packages`), else its folder in nixpkgs (`applications/editors`), else `programs` or `other`, since `by-name`
 * and the files of `top-level` say nothing.
 */
export function categoryOf(attrPath: readonly string[], position: string | null, hasProgram: boolean): string {
  const set = attrPath.length > 1 ? attrPath[0] : undefined;
  if (set !== undefined) return setCategory(set);
  return folderCategory(position) ?? (hasProgram ? 'programs' : 'other');
}

const setCategory = remembered((set: string): string => {
  const kebab = set
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll('_', '-');
  const unversioned = kebab.replaceAll(/\d+/g, '').replaceAll(/-{2,}/g, '-').replaceAll(/^-|-$/g, '');
  return unversioned === '' ? kebab : unversioned;
});

function folderCategory(position: string | null): string | null {
  const folders = position?.split('/').slice(0, -1) ?? [];
  const [root, first, second] = folders;
  if (root !== 'pkgs' || first === undefined || first === 'by-name' || first === 'top-level') return null;
  return twoLevels.has(first) && second !== undefined ? `${first}/${second}` : first;
}
