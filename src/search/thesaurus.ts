import { synonyms } from './synonyms.ts';

/** For each expression the others that mean the same. */
const sameAs = new Map<string, Set<string>>();
for (const line of synonyms.trim().split('\n')) {
  const group = line.split(', ');
  for (const expression of group) {
    const key = keyOf(expression);
    sameAs.set(key, (sameAs.get(key) ?? new Set<string>()).union(new Set(group)));
  }
}

/** What an expression is found under: with or without hyphens, in the singular or the plural. */
function keyOf(expression: string): string {
  const spaced = expression.replaceAll('-', ' ');
  return /[^s]s$/.test(spaced) ? spaced.slice(0, -1) : spaced;
}

/** Other expressions for the same thing. */
export function otherWordsFor(expression: string): string[] {
  const key = keyOf(expression);
  return [...(sameAs.get(key) ?? [])].filter((other) => keyOf(other) !== key);
}

/** Other spellings that are in use, in names too, for words whose punctuation or abbreviation names cannot have. */
export const respelled = new Map([
  ['c++', ['cpp', 'cxx']],
  ['g++', ['gcc']],
  ['c#', ['csharp']],
  ['f#', ['fsharp']],
  ['.net', ['dotnet']],
  ['k8s', ['kubernetes']],
  ['js', ['javascript']],
  ['golang', ['go']],
  ['postgres', ['postgresql']],
  ['mongo', ['mongodb']],
]);
