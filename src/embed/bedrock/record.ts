import type { PendingText, VectorKey } from '../provider.ts';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * The recordId of a text: the first 64 bits of its hash in 11 letters and digits, the form that every version of the
 * service's documentation allows.
 */
export function recordIdOf(hash: string): string {
  let rest = BigInt(`0x${hash.slice(0, 16)}`);
  let id = '';
  for (let i = 0; i < 11; i++) {
    id = `${digits.charAt(Number(rest % 62n))}${id}`;
    rest /= 62n;
  }
  return id;
}

/** The body of InvokeModel for a text, as Titan Text Embeddings V2 takes it. */
export function modelInput(text: string, { dimensions, normalize }: VectorKey): Record<string, unknown> {
  return { inputText: text, dimensions, normalize };
}

/** A line of a batch job's input. */
export function inputLine(pending: PendingText, key: VectorKey): string {
  return `${JSON.stringify({ recordId: recordIdOf(pending.hash), modelInput: modelInput(pending.text, key) })}\n`;
}

/** What a line of a batch job's output says. */
export interface OutputRecord {
  recordId: string;
  /** The text that was embedded, where the service repeats it. */
  inputText: string | undefined;
  embedding: unknown;
  tokens: number;
  error: { code: number | undefined; message: string } | undefined;
}

/** Reads a line of a batch job's output; null where it is not a record (a file that was cut off). */
export function parseOutputLine(line: string): OutputRecord | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isObject(parsed) || typeof parsed['recordId'] !== 'string') return null;
  const { recordId, modelInput: input, modelOutput: output, error } = parsed;
  const inputText = isObject(input) && typeof input['inputText'] === 'string' ? input['inputText'] : undefined;
  const tokens = isObject(output) ? Number(output['inputTextTokenCount'] ?? 0) : 0;
  return {
    recordId,
    inputText,
    embedding: isObject(output) ? output['embedding'] : undefined,
    tokens: Number.isFinite(tokens) ? tokens : 0,
    error: isObject(error)
      ? {
          code: typeof error['errorCode'] === 'number' ? error['errorCode'] : undefined,
          message: typeof error['errorMessage'] === 'string' ? error['errorMessage'] : '',
        }
      : undefined,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
