import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The words that the tiny model knows, special tokens first. */
export const vocabulary = [
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  'json',
  'parser',
  'fast',
  'greeting',
  'program',
  'tool',
  'for',
  'a',
];

export const dimensions = 8;

/** The vector of a token: some function of its number that is never zero, padding's neither. */
export function tokenVector(id: number): number[] {
  return Array.from({ length: dimensions }, (_, i) => Math.fround(Math.sin(1 + id * 7 + i * 3)));
}

/**
 * Writes a model that gives each token a vector of its own, whatever stands around it, and its tokenizer: just enough of ONNX to
 * be a sentence-embedding model.
 */
export async function writeTinyModel(
  directory: string,
  options: { pooling?: 'cls' | 'mean'; maxTokens?: number } = {},
): Promise<void> {
  await mkdir(join(directory, '1_Pooling'), { recursive: true });
  const json = (name: string, content: object) => writeFile(join(directory, name), JSON.stringify(content));
  await writeFile(join(directory, 'model.onnx'), modelBytes());
  await json('tokenizer.json', tokenizer());
  await json('tokenizer_config.json', { tokenizer_class: 'BertTokenizer', do_lower_case: true });
  await json('sentence_bert_config.json', { max_seq_length: options.maxTokens ?? 16 });
  await json(join('1_Pooling', 'config.json'), { pooling_mode_cls_token: options.pooling === 'cls' });
}

function token(content: string): object {
  return { SpecialToken: { id: content, type_id: 0 } };
}

function tokenizer(): object {
  const special = (id: number) => ({
    id,
    content: vocabulary[id],
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [0, 1, 2, 3].map(special),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [token('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, token('[SEP]')],
      pair: [],
      special_tokens: {
        '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
        '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
      },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
    },
  };
}

// Protocol buffers, as far as onnx.proto needs them here: field numbers are those of its messages.

function varint(of: number): number[] {
  const encoded: number[] = [];
  let rest = of;
  while (rest > 127) {
    encoded.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return [...encoded, rest];
}

function number(field: number, content: number): Buffer {
  return Buffer.from([...varint(field << 3), ...varint(content)]);
}

function bytes(field: number, ...parts: (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  return Buffer.concat([Buffer.from([...varint((field << 3) | 2), ...varint(content.length)]), content]);
}

const float = 1;
const int64 = 7;

function value(field: number, name: string, type: number, dims: (string | number)[]): Buffer {
  const shape = dims.map((dim) => bytes(1, typeof dim === 'string' ? bytes(2, dim) : number(1, dim)));
  return bytes(field, bytes(1, name), bytes(2, bytes(1, number(1, type), bytes(2, ...shape))));
}

function modelBytes(): Buffer {
  const table = Float32Array.from(vocabulary.flatMap((_, id) => tokenVector(id)));
  const weights = bytes(
    5,
    number(1, vocabulary.length),
    number(1, dimensions),
    number(2, float),
    bytes(8, 'table'),
    bytes(9, Buffer.from(table.buffer)),
  );
  const gather = bytes(1, bytes(1, 'table'), bytes(1, 'input_ids'), bytes(2, 'last_hidden_state'), bytes(4, 'Gather'));
  const graph = bytes(
    7,
    gather,
    bytes(2, 'tiny'),
    weights,
    value(11, 'input_ids', int64, ['batch', 'sequence']),
    value(11, 'attention_mask', int64, ['batch', 'sequence']),
    value(12, 'last_hidden_state', float, ['batch', 'sequence', dimensions]),
  );
  return Buffer.concat([number(1, 8), bytes(2, 'fdnix tests'), graph, bytes(8, bytes(1, ''), number(2, 17))]);
}
