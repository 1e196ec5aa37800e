/**
 * A string that Arrow and every reader can hold: NUL characters removed, lone surrogates replaced by U+FFFD. All else
 * stays as it is.
 */
export function cleanText(text: string): string {
  const withoutNul = text.includes('\0') ? text.replaceAll('\0', '') : text;
  return withoutNul.isWellFormed() ? withoutNul : withoutNul.toWellFormed();
}

/** The same for a value that may be absent; blank text counts as absent. */
export function cleanOptional(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  const cleaned = cleanText(text);
  return cleaned.trim() === '' ? null : cleaned;
}

/** The strings of a list, cleaned; what is no string is left out. */
export function cleanList(values: readonly unknown[] | null | undefined): string[] {
  const result: string[] = [];
  for (const value of values ?? []) if (typeof value === 'string') result.push(cleanText(value));
  return result;
}
