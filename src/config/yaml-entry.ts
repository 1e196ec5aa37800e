import { stringify } from 'yaml';

const flow = { collectionStyle: 'flow', lineWidth: 0 } as const;
const quoted = { ...flow, defaultStringType: 'QUOTE_DOUBLE', doubleQuotedMinMultiLineLength: Infinity } as const;

/** A key and its value as one line of YAML; nothing stands behind the colon of a null. */
export function yamlEntry(name: string, value: unknown): string {
  return value === null ? `${name}:` : `${name}: ${inline(value)}`;
}

function inline(value: unknown): string {
  const text = stringify(value, flow).replace(/\n$/, '');
  // A text with line breaks, or one such as --- that means something at a line's start, becomes a block of lines.
  return text.includes('\n') ? stringify(value, quoted).replace(/\n$/, '') : text;
}
