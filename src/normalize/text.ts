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

const escapes = /\\u(?:0000|[dD][89abAB][\dA-Fa-f]{2}\\u[dD][c-fC-F][\dA-Fa-f]{2}|[dD][89a-fA-F][\dA-Fa-f]{2})|\\[^]/g;

/**
 * JSON text whose strings, keys included, are as `cleanText` would leave them. NUL and lone surrogates can only stand in JSON
 * as escapes, so that this is one search of the line where there are none.
 */
export function cleanJson(text: string): string {
  if (!text.includes('\\u')) return text;
  return text.replaceAll(escapes, (escape) => {
    if (escape.length === 12 || escape.length === 2) return escape;
    return escape === '\\u0000' ? '' : '\\ufffd';
  });
}
