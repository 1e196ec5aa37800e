import type { Maintainer, RawMaintainer } from '../model.ts';
import { optionalText } from './text.ts';

/** Maintainers as structs; a maintainer given as a bare string is its name. */
export function maintainersOf(raw: readonly (RawMaintainer | string)[] | null | undefined): Maintainer[] {
  return (raw ?? []).map((entry) => (typeof entry === 'string' ? named(entry) : detailed(entry)));
}

/** The short names of the teams that look after a package, such as `GNOME`. */
export function teamNames(teams: readonly Record<string, unknown>[] | null | undefined): string[] {
  const names: string[] = [];
  for (const team of teams ?? []) {
    const name = [team['shortName'], team['github'], team['scope']].find((value) => typeof value === 'string');
    if (name !== undefined) names.push(name);
  }
  return names;
}

function named(name: string): Maintainer {
  return { name: optionalText(name), github: null, github_id: null, email: null, matrix: null };
}

function detailed(entry: RawMaintainer): Maintainer {
  return {
    name: optionalText(entry.name),
    github: optionalText(entry.github),
    github_id: int32OrNull(entry.githubId),
    email: optionalText(entry.email),
    matrix: optionalText(entry.matrix),
  };
}

function int32OrNull(value: unknown): number | null {
  return typeof value === 'number' && (value | 0) === value ? value : null;
}
