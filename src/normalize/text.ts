/**
 * A string that Arrow and every reader can hold: NUL characters removed, lone surrogates replaced by U+FFFD. All else
 * stays as it is.
 */
export function cleanText(text: string): string {
  const withoutNul = text.includes('\0') ? text.replaceAll('\0', '') : text;
  return withoutNul.isWellFormed() ? withoutNul : withoutNul.toWellFormed();
}

/** A text that may be absent; a blank one counts as absent. */
export function optionalText(text: string | null | undefined): string | null {
  return text === null || text === undefined || text.trim() === '' ? null : text;
}

/** The strings of a list; what is no string is left out. */
export function textsOf(values: readonly unknown[] | null | undefined): string[] {
  return (values ?? []).filter((value) => typeof value === 'string');
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
