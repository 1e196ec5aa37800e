/** The version after this one: its last number plus one, as wide as before; null where it has no number. */
export function nextVersion(version: string): string | null {
  const match = /^(.*?)(\d+)(\D*)$/s.exec(version);
  const [, head, digits, tail] = match ?? [];
  if (head === undefined || digits === undefined || tail === undefined) return null;
  return `${head}${String(BigInt(digits) + 1n).padStart(digits.length, '0')}${tail}`;
}

/** `text` with the last `version` in it replaced by `next`, or unchanged where it is not in it. */
export function replaceVersion(text: string, version: string, next: string): string {
  const at = text.lastIndexOf(version);
  return at < 0 ? text : `${text.slice(0, at)}${next}${text.slice(at + version.length)}`;
}
