import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { planShards } from '../../../src/embed/bedrock/plan.ts';
import { inputLine, parseOutputLine, recordIdOf } from '../../../src/embed/bedrock/record.ts';
import { newShards } from '../../../src/embed/bedrock/shards.ts';
import { contentHash } from '../../../src/embed/text.ts';
import { shapes, violations } from '../../simulator/shapes.ts';

const quotas = fc
  .record({
    batchSize: fc.integer({ min: 1, max: 60 }),
    minRecords: fc.integer({ min: 1, max: 20 }),
    maxRecords: fc.integer({ min: 1, max: 80 }),
    maxFileBytes: fc.integer({ min: 50, max: 5000 }),
    maxJobBytes: fc.integer({ min: 50, max: 5000 }),
  })
  .filter(({ minRecords, maxRecords }) => minRecords <= maxRecords);

describe('planShards', () => {
  it('takes every text once, in order, within all quotas', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 300 }), quotas, (bytes, limits) => {
        const { shards, rest } = planShards(bytes, limits);
        let next = 0;
        for (const { start, end } of shards) {
          assert.equal(start, next);
          const size = bytes.slice(start, end).reduce((sum, x) => sum + x, 0);
          assert.ok(end - start >= limits.minRecords && end - start <= limits.maxRecords);
          assert.ok(size <= Math.min(limits.maxFileBytes, limits.maxJobBytes));
          next = end;
        }
        assert.equal(rest, shards.length === 0 ? 0 : next);
      }),
    );
  });

  it('leaves nothing over where there is enough for a job and room in it', () => {
    const limits = { minRecords: 100, maxRecords: 50_000, maxFileBytes: 1e9, maxJobBytes: 5e9 };
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 60_000 }), fc.integer({ min: 1, max: 20_000 }), (count, batchSize) => {
        const { rest } = planShards(
          Array.from({ length: count }, () => 200),
          { ...limits, batchSize },
        );
        assert.equal(rest, count);
      }),
      { numRuns: 50 },
    );
  });

  it('makes jobs of the wanted size', () => {
    const limits = { batchSize: 10_000, minRecords: 100, maxRecords: 50_000, maxFileBytes: 1e9, maxJobBytes: 5e9 };
    const { shards } = planShards(
      Array.from({ length: 67_445 }, () => 250),
      limits,
    );
    assert.equal(shards.length, 7);
    assert.ok(shards.every(({ start, end }) => end - start <= 10_000));
  });
});

describe('records', () => {
  it('have an id of 11 letters and digits, another for each text', () => {
    const ids = Array.from({ length: 5000 }, (_, i) => recordIdOf(contentHash(String(i))));
    assert.ok(ids.every((id) => /^[a-zA-Z0-9]{11}$/.test(id)));
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(recordIdOf('0'.repeat(64)), '00000000000');
    assert.match(recordIdOf('f'.repeat(64)), /^[a-zA-Z0-9]{11}$/);
  });

  it('are a line each, whatever the text, and come back as they went', () => {
    const key = { model: 'm', dimensions: 256, normalize: true };
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = inputLine({ hash: contentHash(text), text: text.toWellFormed() }, key);
        assert.equal(line.indexOf('\n'), line.length - 1);
        assert.equal(parseOutputLine(line)?.inputText, text.toWellFormed());
      }),
    );
  });

  it('reads anything as a record or as none', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => void parseOutputLine(line)));
  });
});

describe('newShards', () => {
  const settings = { key: { model: 'm', dimensions: 256, normalize: true }, dataset: 'a-name-of-20-letters-123456' };
  const limits = { batchSize: 10, minRecords: 2, maxRecords: 50, maxFileBytes: 1e9, maxJobBytes: 5e9 };

  it('gives jobs names and tokens that the service takes', () => {
    const texts = Array.from({ length: 30 }, (_, i) => ({ hash: contentHash(String(i)), text: String(i) }));
    const { work } = newShards(settings, limits, texts, 1);
    assert.equal(work.length, 3);
    const { jobName, clientRequestToken } = shapes.CreateModelInvocationJobRequest.members;
    for (const { shard } of work) {
      assert.deepEqual([...violations(jobName, shard.id), ...violations(clientRequestToken, shard.token)], []);
    }
    assert.equal(new Set(work.map(({ shard }) => shard.token)).size, 3);
  });

  it('keeps texts whose ids collide apart', () => {
    const head = createHash('sha256').update('x').digest('hex').slice(0, 16);
    const texts = ['a', 'b', 'c', 'd'].map((text) => ({ hash: head + contentHash(text).slice(16), text }));
    const others = ['e', 'f'].map((text) => ({ hash: contentHash(text), text }));
    const { work, rest } = newShards(settings, limits, [...texts, ...others], 1);
    assert.deepEqual(
      work.map(({ texts: own }) => own.length),
      [3],
    );
    assert.deepEqual(
      rest.map(({ text }) => text),
      ['b', 'c', 'd'],
    );
  });
});
