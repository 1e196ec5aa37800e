/** Draws queries of the kinds that a recording can answer by itself. */
import { seededFraction } from '../../scripts/store-hash.ts';
import { distance, misspell } from './misspell.ts';
import { gradeFamily, type Families, type Grades } from './grade.ts';
import { groupBy, type Package } from './packages.ts';

export interface Task {
  packages: Package[];
  families: Families;
  seed: string;
  /** How many queries. */
  count: number;
}

export interface Drawn {
  query: string;
  grades: Grades;
}

/**
 * The packages in an order drawn by the seed: two of three by what people are likely to look for (references, dependents, top
 * level), one of three whatever its fame, so that the long tail is asked for as well.
 */
function* inDrawnOrder(candidates: Package[], task: Task, kind: string): Generator<Package> {
  // A weighted order without replacement: the largest u^(1/w) first.
  const order = (weight: (one: Package) => number, name: string) =>
    candidates
      .map((one) => ({ one, key: seededFraction(`${task.seed}:${kind}:${name}:${one.attr}`) ** (1 / weight(one)) }))
      .toSorted((a, b) => b.key - a.key)
      .map(({ one }) => one);
  const wanted = order((one) => (0.05 + one.interest * (one.nested ? 0.3 : 1)) ** 2, 'wanted');
  const any = order((one) => (one.nested ? 0.1 : 1), 'any');
  const seen = new Set<Package>();
  for (let index = 0; index < candidates.length; index += 1) {
    for (const one of [wanted[2 * index], wanted[2 * index + 1], any[index]]) {
      if (!one || seen.has(one)) continue;
      seen.add(one);
      yield one;
    }
  }
}

function take(task: Task, kind: string, candidates: Package[], make: (one: Package) => Drawn | null): Drawn[] {
  const drawn = new Map<string, Drawn>();
  const families = new Set<string>();
  for (const one of inDrawnOrder(candidates, task, kind)) {
    if (drawn.size >= task.count) break;
    // One query a package: its variants would ask the same again.
    if (families.has(one.pname)) continue;
    const made = make(one);
    if (!made || drawn.has(made.query)) continue;
    families.add(one.pname);
    drawn.set(made.query, made);
  }
  return [...drawn.values()];
}

/** Packages that stand for their name: described, not one of several derivations of it at the same level but the best known. */
function namesakes(packages: Package[]): Map<string, Package[]> {
  return groupBy(packages, (one) => one.leaf.toLowerCase());
}

/** Grades of a package asked for by name: its family, and whatever else bears exactly the name. */
function gradesByName(one: Package, named: Package[], families: Families): Grades {
  const grades: Grades = new Map();
  gradeFamily(grades, one, 3, families);
  for (const { attr } of named) if (!grades.has(attr)) grades.set(attr, 1);
  return grades;
}

/** Is this the package that its name means: at top level, or the only family that has the name. */
function ownsName(one: Package, named: Package[], families: Families): boolean {
  if (!one.nested) return one.described;
  if (named.some((other) => !other.nested)) return false;
  const family = new Set(families.variants(one));
  return one.described && named.every((other) => family.has(other));
}

/** The name as one types it; the whole attribute path of a nested package whose name alone means others as well. */
export function drawExact(task: Task): Drawn[] {
  const named = namesakes(task.packages);
  const candidates = task.packages.filter((one) => one.described && one.leaf.length > 1);
  return take(task, 'exact', candidates, (one) => {
    const same = named.get(one.leaf.toLowerCase()) ?? [];
    const owns = ownsName(one, same, task.families);
    return { query: owns ? one.leaf : one.attr, grades: gradesByName(one, owns ? same : [], task.families) };
  });
}

/** Candidates whose name is theirs, long enough to be cut or mistyped, and a word rather than a number. */
function nameable(task: Task, shortest: number): Package[] {
  const named = namesakes(task.packages);
  return task.packages.filter(
    (one) =>
      one.leaf.length >= shortest &&
      /^[a-z][a-z0-9-]*$/i.test(one.leaf) &&
      ownsName(one, named.get(one.leaf.toLowerCase()) ?? [], task.families),
  );
}

/** The beginning of a name, long enough that the package is the best known one with it by far. */
export function drawPrefixes(task: Task): Drawn[] {
  const candidates = nameable(task, 5);
  const names = candidates.map((one) => ({ name: one.leaf.toLowerCase(), one }));
  return take(task, 'prefix', candidates, (one) => {
    const name = one.leaf.toLowerCase();
    const share = 0.45 + 0.4 * seededFraction(`${task.seed}:prefix-length:${one.attr}`);
    const start = Math.max(4, Math.round(name.length * share));
    const family = new Set(task.families.variants(one));
    for (let length = start; length < name.length; length += 1) {
      const query = name.slice(0, length);
      const rivals = names.filter(
        (other) => other.name.startsWith(query) && !family.has(other.one) && other.one !== one,
      );
      // A prefix that is itself a name asks for that one.
      if (rivals.some((rival) => rival.name === query || rival.one.interest >= 0.7 * one.interest)) continue;
      return query.endsWith('-') ? null : { query, grades: gradesByName(one, [], task.families) };
    }
    return null;
  });
}

/** A name with a slip of the fingers, where no other name is as near and as well known. */
export function drawTypos(task: Task): Drawn[] {
  const candidates = nameable(task, 5);
  const names = [...new Set(task.packages.flatMap((one) => [one.leaf.toLowerCase(), one.pname.toLowerCase()]))];
  const taken = new Set(names);
  const best = new Map<string, number>();
  for (const one of task.packages) {
    const name = one.leaf.toLowerCase();
    best.set(name, Math.max(best.get(name) ?? 0, one.interest));
  }
  return take(task, 'typo', candidates, (one) => {
    const name = one.leaf.toLowerCase();
    const query = misspell(name, `${task.seed}:typo:${one.attr}`);
    if (query === name || taken.has(query)) return null;
    const family = new Set(task.families.variants(one).map((other) => other.leaf.toLowerCase()));
    const near = names.filter((other) => other !== name && !family.has(other) && distance(query, other, 1) <= 1);
    if (near.some((other) => (best.get(other) ?? 0) >= one.interest)) return null;
    return { query, grades: gradesByName(one, [], task.families) };
  });
}

/** The program that a package is run by, where it is called neither like the package nor like any other attribute. */
export function drawPrograms(task: Task): Drawn[] {
  const taken = new Set(task.packages.flatMap((one) => [one.leaf.toLowerCase(), one.pname.toLowerCase()]));
  const byProgram = groupBy(task.packages, (one) => one.program);
  const candidates = task.packages.filter(
    ({ described, nested, program }) =>
      described && !nested && program && /^[a-z][a-z0-9_+-]+$/i.test(program) && !taken.has(program.toLowerCase()),
  );
  return take(task, 'program', candidates, (one) => {
    if (one.program === null) return null;
    const providers = byProgram.get(one.program) ?? [];
    const family = new Set(task.families.variants(one));
    if (providers.some((other) => !family.has(other) && !other.nested && other.interest > one.interest)) return null;
    const grades: Grades = new Map();
    gradeFamily(grades, one, 3, task.families);
    for (const other of providers) {
      if (grades.get(other.attr) === 3) continue;
      // Another build of the project's own: `x-bin` beside `x-bin-unwrapped`.
      if (other.homepage !== null && other.homepage === one.homepage)
        grades.set(other.attr, isShorter(other, one) ? 3 : 2);
      else if (!grades.has(other.attr)) grades.set(other.attr, 1);
    }
    return { query: one.program, grades };
  });
}

function isShorter(other: Package, one: Package): boolean {
  return !other.nested && other.attr.length < one.attr.length;
}
