/** The order in which attribute paths name things: the shortest first, then by code unit. */
export function compareNames(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}
