/**
 * Writes a recording N times as large: the recording itself, then copies of it whose attribute paths and pnames have a prefix
 * and whose store paths are others, so that each copy's edges stay inside the copy.
 *
 *   npx tsx bench/scale.ts RECORDING OUT N
 */
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { readLines, writeLines } from './support/recording-io.ts';

const alphabet = '0123456789abcdfghijklmnpqrsvwxyz';

/** The first two characters of a hash in a copy: another one in each of 1024 copies, whatever they are in the original. */
function shifted(start: string, copy: number): string {
  const digit = (index: number, other: number) => alphabet[alphabet.indexOf(start.charAt(index)) ^ other] ?? '';
  return digit(0, copy >> 5) + digit(1, copy & 31);
}

/** The line as it stands in the copy: copy 0 is the line itself. */
export function copyOfLine(line: string, copy: number): string {
  if (copy === 0) return line;
  const prefix = `copy${copy}_`;
  // Quotes inside JSON strings are escaped: these keys with bare quotes are keys.
  return line
    .replace('"attr":"', `"attr":"${prefix}`)
    .replace('"attrPath":["', `"attrPath":["${prefix}`)
    .replace('"pname":"', `"pname":"${prefix}`)
    .replace(/(?<=\/nix\/store\/)[0-9a-z]{2}/g, (start) => shifted(start, copy));
}

/** Writes `input` and `times - 1` copies of it (at most 1024 in all) to `output`. */
export async function scaleRecording(input: string, output: string, times: number): Promise<void> {
  if (!Number.isInteger(times) || times < 1 || times > 1024) throw new Error(`N must be 1 to 1024, not ${times}`);
  async function* copies() {
    for (let copy = 0; copy < times; copy += 1) {
      for await (const batch of readLines(input)) yield batch.map((line) => copyOfLine(line, copy));
    }
  }
  await writeLines(output, copies());
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const [input, output, times] = argv.slice(2);
  if (!input || !output || !times) throw new Error('usage: scale.ts RECORDING OUT N');
  await scaleRecording(input, output, Number(times));
}
