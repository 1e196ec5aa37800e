import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { localProvider } from '../../../src/embed/local/provider.ts';
import type { EmbeddingProvider } from '../../../src/embed/provider.ts';
import { contentHash } from '../../../src/embed/text.ts';
import { KnownError, UsageError } from '../../../src/errors.ts';
import { dimensions, tokenVector, vocabulary, writeTinyModel } from './tiny-model.ts';

const context = { signal: new AbortController().signal, report: () => {} };
const installed = await import('onnxruntime-node').then(
  () => true,
  () => false,
);

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'fdnix-model-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

async function embedAll(provider: EmbeddingProvider, texts: string[]): Promise<Map<string, Float32Array>> {
  const vectors = new Map<string, Float32Array>();
  for await (const batch of provider.embed(
    texts.map((text) => ({ hash: contentHash(text), text })),
    context,
  )) {
    for (const { hash, vector } of batch) vectors.set(hash, vector);
  }
  return vectors;
}

function idsOf(text: string): number[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return [2, ...words.map((word) => Math.max(1, vocabulary.indexOf(word))), 3];
}

/** Mean and norm, worked out anew. */
function expected(ids: number[]): number[] {
  const mean = Array.from(
    { length: dimensions },
    (_, i) => ids.reduce((sum, id) => sum + (tokenVector(id)[i] ?? 0), 0) / ids.length,
  );
  const norm = Math.hypot(...mean);
  return mean.map((x) => x / norm);
}

function assertClose(actual: Float32Array | undefined, wanted: number[]): void {
  assert.equal(actual?.length, wanted.length);
  for (const [i, x] of wanted.entries())
    assert.ok(Math.abs((actual?.[i] ?? NaN) - x) < 1e-5, `${actual?.[i]} is not ${x}`);
}

describe('localProvider', { skip: !installed && 'onnxruntime-node is not installed' }, () => {
  it('gives the normalised mean of the tokens, whatever else is in the batch', async (t) => {
    const path = await folder(t);
    await writeTinyModel(path);
    const provider = await localProvider({ modelPath: path, normalize: true, dimensions: null });
    t.after(() => provider.close());
    assert.equal(provider.key.dimensions, dimensions);
    const texts = [
      'a fast json parser',
      'Greeting program',
      'a tool for a tool for json',
      'unheard',
      ...Array.from({ length: 100 }, (_, i) => `json ${'fast '.repeat(i % 9)}`),
    ];
    const vectors = await embedAll(provider, texts);
    for (const text of texts) assertClose(vectors.get(contentHash(text)), expected(idsOf(text)));
    assertClose(await provider.embedQuery('a fast json parser', context.signal), expected(idsOf('a fast json parser')));
  });

  it('takes the first token where the model is made for that', async (t) => {
    const path = await folder(t);
    await writeTinyModel(path, { pooling: 'cls' });
    const provider = await localProvider({ modelPath: path, normalize: true, dimensions: null });
    t.after(() => provider.close());
    assertClose(await provider.embedQuery('json tool', context.signal), expected([2]));
  });

  it('cuts long texts by tokens and keeps the special ones', async (t) => {
    const path = await folder(t);
    await writeTinyModel(path, { maxTokens: 4 });
    const provider = await localProvider({ modelPath: path, normalize: true, dimensions: null });
    t.after(() => provider.close());
    const vector = await provider.embedQuery('json parser fast greeting program', context.signal);
    assertClose(vector, expected([2, 4, 5, 3]));
  });

  it('tells models apart by their weights, and refuses other dimensions', async (t) => {
    const path = await folder(t);
    await writeTinyModel(path);
    await assert.rejects(localProvider({ modelPath: path, normalize: true, dimensions: 256 }), /has 8; set it to auto/);
    const provider = await localProvider({ modelPath: path, normalize: true, dimensions: null });
    t.after(() => provider.close());
    assert.match(provider.key.model, /^fdnix-model-\w+@[0-9a-f]{12}$/);
    const estimate = await provider.estimate([{ hash: '', text: 'json tool' }]);
    assert.deepEqual([estimate.texts, estimate.tokens, estimate.cost], [1, 4, 0]);
  });

  it('says what a directory lacks', async (t) => {
    const path = await folder(t);
    const load = () => localProvider({ modelPath: path, normalize: true, dimensions: null });
    await assert.rejects(load, (error) => error instanceof UsageError && /has no model\.onnx/.test(error.message));
    await writeFile(join(path, 'model.onnx'), 'no model');
    await assert.rejects(load, /has no tokenizer\.json/);
    await writeTinyModel(path);
    await writeFile(join(path, 'model.onnx'), 'no model');
    await assert.rejects(
      load,
      (error) => error instanceof KnownError && /model\.onnx cannot be loaded/.test(error.message),
    );
  });
});
