import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { KnownError, messageOf } from '../../errors.ts';
import { readModelFiles, type ModelFiles } from './model-files.ts';
import { firstToken, meanPooled, normalized } from './pooling.ts';
import { createTokenize, padded, type Tokenize } from './tokens.ts';

/** A sentence-embedding model that is loaded. */
export interface LocalModel {
  name: string;
  dimensions: number;
  tokenize: Tokenize;
  /** The vectors of a few texts, given as token ids. */
  embed: (sequences: readonly number[][]) => Promise<Float32Array[]>;
  close: () => Promise<void>;
}

/**
 * Loads the model of a directory. Runtime and tokenizer are optional dependencies.
 * @throws UsageError where the directory is no model; KnownError where the runtime is not installed or refuses the model
 */
export async function loadModel(modelPath: string, normalize: boolean): Promise<LocalModel> {
  const files = await readModelFiles(modelPath);
  const { runtime, tokenizers } = await loadRuntime();
  const session = await runtime.InferenceSession.create(files.onnxPath, { logSeverityLevel: 3 }).catch(
    (error: unknown) => {
      throw new KnownError(`${files.onnxPath} cannot be loaded: ${messageOf(error)}`, { cause: error });
    },
  );
  const tokenize = createTokenize(tokenizers, files);
  const embed = async (sequences: readonly number[][]): Promise<Float32Array[]> => {
    const { ids, mask, shape } = padded(sequences);
    const int64 = (data: BigInt64Array) => new runtime.Tensor('int64', data, shape);
    const known: Record<string, () => Tensor> = {
      input_ids: () => int64(ids),
      attention_mask: () => int64(mask),
      token_type_ids: () => int64(new BigInt64Array(ids.length)),
    };
    const feeds = session.inputNames.map((name): [string, Tensor] => {
      const make = known[name];
      if (!make)
        throw new KnownError(`${files.onnxPath} wants an input «${name}», which is none of a sentence-embedding model`);
      return [name, make()];
    });
    const outputs = await session.run(Object.fromEntries(feeds));
    const vectors = pooledOutput(outputs, files, sequences);
    return normalize ? vectors.map(normalized) : vectors;
  };
  const [probe] = await embed([tokenize('probe')]);
  return { name: files.name, dimensions: probe?.length ?? 0, tokenize, embed, close: () => session.release() };
}

/** The vectors of the texts: as the model pooled them itself, or pooled from its token vectors. */
function pooledOutput(
  outputs: InferenceSession.OnnxValueMapType,
  files: ModelFiles,
  sequences: readonly number[][],
): Float32Array[] {
  const found = ['sentence_embedding', 'last_hidden_state', 'token_embeddings'].find((name) => name in outputs);
  const output = outputs[found ?? Object.keys(outputs)[0] ?? ''];
  const [rows = 0, columns = 0, dimensions] = output?.dims ?? [];
  if (!output || output.type !== 'float32' || !(output.data instanceof Float32Array) || rows !== sequences.length) {
    throw new KnownError(`${files.onnxPath} gives no vectors of 32-bit floats, one a text or one a token`);
  }
  const values = output.data;
  if (dimensions === undefined) {
    return Array.from({ length: rows }, (_, row) => values.slice(row * columns, (row + 1) * columns));
  }
  const tokens = { values, rows, columns, dimensions };
  return files.pooling === 'cls'
    ? firstToken(tokens)
    : meanPooled(
        tokens,
        sequences.map(({ length }) => length),
      );
}

async function loadRuntime() {
  try {
    const [runtime, tokenizers] = await Promise.all([import('onnxruntime-node'), import('@huggingface/tokenizers')]);
    return { runtime, tokenizers };
  } catch (error) {
    throw new KnownError(
      'embedding.provider local needs the optional packages onnxruntime-node and @huggingface/tokenizers, which are not ' +
        `installed here (npm install --include=optional): ${messageOf(error)}`,
      { cause: error },
    );
  }
}
