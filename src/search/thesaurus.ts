import { synonyms } from './synonyms/index.ts';

/** For each expression the others that mean the same. */
const sameAs = new Map<string, Set<string>>();
for (const group of synonyms) {
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

/** Words that say little of what is looked for. */
export const weakWords = new Set(
  (
    'a an and any app application applications apps at automatic based best between better by create cross easy easily fast for free ' +
    'from fully good great in into it like lightweight make manage management modern multi my new of on open or other powerful ' +
    'program programs run runs running simple small software source support that the these this to tool tools use useful user ' +
    'uses using utilities utility various view way with without'
  ).split(' '),
);
