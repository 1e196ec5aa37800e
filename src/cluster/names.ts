/** The last part of an attribute path: `numpy` of `python313Packages.numpy`. */
export function leafOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

/** The package set of an attribute path, empty at top level: `python313Packages` of `python313Packages.numpy`. */
export function setOf(path: string): string {
  const dot = path.lastIndexOf('.');
  return dot === -1 ? '' : path.slice(0, dot);
}

/** A package set without its version: `pythonPackages` of `python313Packages`, `postgresqlPackages` of `postgresql17Packages`. */
export function familyOf(set: string): string {
  return set.replaceAll(/[-_]?\d+(?:[._]\d+)*/g, '');
}

/** The file of a position (`pkgs/by-name/he/hello/package.nix:33`), without its line. */
export function fileOf(position: string): string {
  return position.replace(/:\d+$/, '');
}

/** The directory of a position's file, or the file itself where it lies at the root. */
export function directoryOf(position: string): string {
  const file = fileOf(position);
  const slash = file.lastIndexOf('/');
  return slash === -1 ? file : file.slice(0, slash);
}

/**
 * A name without the version that it carries, in lower case and without punctuation: `postgresql` of `postgresql_17` at
 * 17.10, `gtk` of `gtk+3` at 3.24.52. A trailing number counts as a version only where the package's version begins with the
 * same digits, so that `bzip2` at 1.0.8 and `i3` at 4.25 keep theirs.
 */
export function stemOf(name: string, version: string | null): string {
  const match = /^(.*?[a-z+])[-_.]?v?(\d+(?:[-_.]\d+)*)$/i.exec(name);
  const [, stem = name, suffix = ''] = match ?? [];
  const versioned = match !== null && version !== null && digits(version).startsWith(digits(suffix));
  return (versioned ? stem : name).toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

function digits(text: string): string {
  return text.replaceAll(/\D/g, '');
}
