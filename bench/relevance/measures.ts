import type { Hit } from '../../src/search/index.ts';
import type { Query } from './query.ts';

/** The first ten hits of a query: for each all the attribute paths that it stands for. */
export type Ranking = string[][];

/** All attribute paths that a hit stands for. */
export function pathsOf(hit: Hit): string[] {
  return [hit.attribute_path, ...hit.variants.map((variant) => variant.attribute_path)];
}

/** What a ranking is worth: each 0 to 1. */
export interface Measures {
  success: number;
  mrr: number;
  ndcg: number;
  recall: number;
}

const depth = 10;
/** From this grade on a hit is an answer. */
const good = 2;

/** Measures a ranking as README.md says; `packageOf` folds attribute paths to packages. */
export function measureRanking(query: Query, ranking: Ranking, packageOf: (path: string) => string): Measures {
  const gradeOf = new Map(query.answers.map(({ attribute_path, grade }) => [attribute_path, grade]));
  const seen = new Set<string>();
  const grades = ranking.slice(0, depth).map((paths) => {
    const answers = paths.filter((path) => gradeOf.has(path) && !seen.has(packageOf(path)));
    for (const path of answers) seen.add(packageOf(path));
    return answers.reduce<number>((best, path) => Math.max(best, gradeOf.get(path) ?? 0), 0);
  });
  const wanted = new Map<string, number>();
  for (const [path, grade] of gradeOf) wanted.set(packageOf(path), Math.max(grade, wanted.get(packageOf(path)) ?? 0));
  const ideal = [...wanted.values()].toSorted((a, b) => b - a).slice(0, depth);
  const first = grades.findIndex((grade) => grade >= good);
  const answers = Math.min(depth, ideal.filter((grade) => grade >= good).length);
  return {
    success: first === -1 ? 0 : 1,
    mrr: first === -1 ? 0 : 1 / (first + 1),
    ndcg: gainOf(grades) / gainOf(ideal),
    recall: grades.filter((grade) => grade >= good).length / answers,
  };
}

function gainOf(grades: number[]): number {
  return grades.reduce((sum, grade, index) => sum + (2 ** grade - 1) / Math.log2(index + 2), 0);
}

/** The mean of several measures. */
export function meanOf(list: Measures[]): Measures {
  const mean = (name: keyof Measures): number => list.reduce((sum, entry) => sum + entry[name], 0) / list.length;
  return { success: mean('success'), mrr: mean('mrr'), ndcg: mean('ndcg'), recall: mean('recall') };
}
