import type { ModelFiles } from './model-files.ts';

/** A text as the model's token ids. */
export type Tokenize = (text: string) => number[];

/** The part of @huggingface/tokenizers that is used. */
interface TokenizerModule {
  Tokenizer: new (tokenizer: object, config: object) => { encode: (text: string) => { ids: number[] } };
}

/** The model's tokenizer; texts that are too long lose their end, special tokens stay. */
export function createTokenize({ Tokenizer }: TokenizerModule, files: ModelFiles): Tokenize {
  const tokenizer = new Tokenizer(files.tokenizer, files.tokenizerConfig);
  return (text) => {
    const { ids } = tokenizer.encode(text);
    if (ids.length <= files.maxTokens) return ids;
    const last = ids.at(-1);
    return [...ids.slice(0, files.maxTokens - 1), ...(last === undefined ? [] : [last])];
  };
}

/** Sequences of several lengths as one matrix of token ids and one that says which of them count. */
export function padded(sequences: readonly (readonly number[])[]): {
  ids: BigInt64Array;
  mask: BigInt64Array;
  shape: [rows: number, columns: number];
} {
  const columns = Math.max(1, ...sequences.map(({ length }) => length));
  const ids = new BigInt64Array(sequences.length * columns);
  const mask = new BigInt64Array(sequences.length * columns);
  for (const [row, sequence] of sequences.entries()) {
    for (const [column, id] of sequence.entries()) {
      ids[row * columns + column] = BigInt(id);
      mask[row * columns + column] = 1n;
    }
  }
  return { ids, mask, shape: [sequences.length, columns] };
}
