/** A combination of settings that cannot work. The message is shown at the first key, of which it speaks. */
export interface Violation {
  keys: [string, ...string[]];
  message: string;
}

/** The names whose value is missing. */
export function missingOf(values: Record<string, unknown>): string[] {
  return Object.keys(values).filter((key) => values[key] === null);
}
