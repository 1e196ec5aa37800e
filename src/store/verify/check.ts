/** One thing that verify looked at. */
export interface Check {
  name: string;
  /** What was found, in figures, for people. */
  detail: string;
  /** What is wrong; empty where all is well. */
  problems: string[];
}

/** A check's problems, cut to the first few and a count of the rest. */
export function firstFew(problems: string[], most = 10): string[] {
  if (problems.length <= most) return problems;
  return [...problems.slice(0, most), `… and ${problems.length - most} more`];
}
