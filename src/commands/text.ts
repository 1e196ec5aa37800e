import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Text in a style where stdout is a terminal that shows colours, else as it is. */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Columns of the terminal; 100 where stdout is none. */
export function lineWidth(): number {
  return process.stdout.columns ?? 100;
}

/** A text cut to a width, with an ellipsis where something is missing. */
export function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  return width < 2 ? '' : `${text.slice(0, width - 1).trimEnd()}…`;
}

/** A text on one line, however it was broken. */
export function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}

/** Rows as columns of equal width, two spaces apart; the last one is not padded. */
export function columnsOf(rows: string[][]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
