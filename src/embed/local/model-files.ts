import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { KnownError, messageOf, UsageError } from '../../errors.ts';

/** A directory with a sentence-embedding model, as sentence-transformers lays it out, its weights in ONNX. */
export interface ModelFiles {
  onnxPath: string;
  tokenizer: object;
  tokenizerConfig: object;
  /** Longest input in tokens, special ones included. */
  maxTokens: number;
  pooling: 'mean' | 'cls';
  /** What tells the model apart from others: its directory's name and a hash of its weights. */
  name: string;
}

/**
 * Reads what of a model's directory says how it is used: `model.onnx` (or `onnx/model.onnx`), `tokenizer.json`, and, where they are
 * there, `tokenizer_config.json`, `sentence_bert_config.json`, `config.json` and `1_Pooling/config.json`.
 * @throws UsageError where the directory lacks the model or its tokenizer
 */
export async function readModelFiles(modelPath: string): Promise<ModelFiles> {
  const directory = resolve(modelPath);
  const onnxPath = await findOnnx(directory);
  const tokenizer = await readObject(directory, 'tokenizer.json');
  if (!tokenizer)
    throw new UsageError(`embedding.local.modelPath: ${directory} has no tokenizer.json beside the model`);
  const tokenizerConfig = (await readObject(directory, 'tokenizer_config.json')) ?? {};
  const sentence = await readObject(directory, 'sentence_bert_config.json');
  const config = await readObject(directory, 'config.json');
  const pooling = await readObject(directory, join('1_Pooling', 'config.json'));
  const limits = [
    sentence?.['max_seq_length'],
    config?.['max_position_embeddings'],
    tokenizerConfig['model_max_length'],
  ];
  return {
    onnxPath,
    tokenizer,
    tokenizerConfig,
    maxTokens: Math.min(...limits.filter((limit) => typeof limit === 'number'), 8192),
    pooling: isClsPooling(pooling) ? 'cls' : 'mean',
    name: `${basename(directory)}@${(await hashOf(onnxPath)).slice(0, 12)}`,
  };
}

/** sentence-transformers has said it in two ways. */
function isClsPooling(pooling: Record<string, unknown> | null): boolean {
  return pooling?.['pooling_mode_cls_token'] === true || pooling?.['pooling_mode'] === 'cls';
}

async function findOnnx(directory: string): Promise<string> {
  const usual = [join(directory, 'model.onnx'), join(directory, 'onnx', 'model.onnx')].find((path) => existsSync(path));
  if (usual !== undefined) return usual;
  const found = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.onnx'));
  if (found.length === 1 && found[0] !== undefined) return join(directory, found[0]);
  const what =
    found.length === 0 ? 'no model.onnx' : `several models (${found.join(', ')}) and none is called model.onnx`;
  throw new UsageError(
    `embedding.local.modelPath: ${directory} has ${what}; it must be a directory with a sentence-embedding model in ONNX and its tokenizer.json`,
  );
}

async function readObject(directory: string, name: string): Promise<Record<string, unknown> | null> {
  const path = join(directory, name);
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw new KnownError(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
