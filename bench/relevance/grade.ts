/** Which attribute paths are the same package as one, for grading. */
import { groupBy, type Package } from './packages.ts';
import type { Query } from './query.ts';

type Grade = 1 | 2 | 3;
export type Grades = Map<string, Grade>;

/** Finds what else is the package: other attribute paths of its derivation, and its variants. */
export interface Families {
  byAttr: Map<string, Package>;
  sameDerivation(one: Package): Package[];
  /** The same pname from the same file, or with the same home page: other versions, other interpreters, other builds. */
  variants(one: Package): Package[];
}

export function familiesOf(packages: Package[]): Families {
  const byDerivation = groupBy(packages, (one) => one.drvPath);
  const byName = groupBy(packages, (one) => one.pname);
  return {
    byAttr: new Map(packages.map((one) => [one.attr, one])),
    sameDerivation: (one) => byDerivation.get(one.drvPath) ?? [],
    variants: (one) =>
      (byName.get(one.pname) ?? []).filter(
        (other) =>
          (other.file !== null && other.file === one.file) ||
          (other.homepage !== null && other.homepage === one.homepage),
      ),
  };
}

function atLeast(grades: Grades, attr: string, grade: Grade): void {
  const known = grades.get(attr);
  if (known === undefined || known < grade) grades.set(attr, grade);
}

/**
 * Gives one package its grade, its other attribute paths and the same member of sibling sets (`python313Packages.x`,
 * `python314Packages.x`) the same, and its other variants one less.
 */
export function gradeFamily(grades: Grades, one: Package, grade: Grade, families: Families): void {
  for (const { attr } of families.sameDerivation(one)) atLeast(grades, attr, grade);
  const less = grade === 3 ? 2 : 1;
  for (const { attr, leaf, nested } of families.variants(one)) {
    atLeast(grades, attr, one.nested && nested && leaf === one.leaf ? grade : less);
  }
}

/** Answers in a stable order: best first, then by attribute path. */
export function answersOf(grades: Grades): Query['answers'] {
  return [...grades]
    .map(([attribute_path, grade]) => ({ attribute_path, grade }))
    .toSorted((a, b) => b.grade - a.grade || (a.attribute_path < b.attribute_path ? -1 : 1));
}
