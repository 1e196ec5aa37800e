import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaults, makeQueries } from '../../bench/relevance/draw.ts';
import { distance, misspell } from '../../bench/relevance/misspell.ts';
import type { Query } from '../../bench/relevance/query.ts';
import { linuxRecording, noRecording, recordedReferences } from '../support/recording.ts';

const lines = readFileSync(new URL('../../bench/relevance/queries.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');
const queries = lines.map((line): Query => JSON.parse(line));

test('enough queries of every kind, in both halves', () => {
  const least = { exact: 40, prefix: 40, typo: 40, program: 40, words: 60, intent: 60, alias: 40 };
  for (const [kind, count] of Object.entries(least)) {
    const ofKind = queries.filter((query) => query.kind === kind);
    assert.ok(ofKind.length >= count, `${kind}: ${ofKind.length}`);
    const reported = ofKind.filter((query) => query.split === 'report').length / ofKind.length;
    assert.ok(reported > 0.35 && reported < 0.65, `${kind}: ${reported} for reporting`);
  }
});

test('a kind asks each query once, and every query has an answer that is wanted', () => {
  assert.equal(new Set(queries.map(({ kind, query }) => `${kind}:${query}`)).size, queries.length);
  for (const { query, kind, answers, judged } of queries) {
    const byPeople = kind === 'alias' ? ['blind'] : ['by hand', 'blind'];
    assert.ok((['words', 'intent', 'alias'].includes(kind) ? byPeople : ['drawn']).includes(judged), query);
    assert.equal(new Set(answers.map((answer) => answer.attribute_path)).size, answers.length, query);
    assert.equal(answers[0]?.grade, 3, query);
  }
});

test('the queries are what the recording and the judgements make', { skip: noRecording }, async () => {
  const made = await makeQueries(linuxRecording, recordedReferences, defaults.seed, Number(defaults.each));
  assert.deepEqual(queries, made);
});

test('a misspelt word is one edit away, and the distance is one that a plain definition gives', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9-]{3,12}$/);
  fc.assert(
    fc.property(word, fc.string(), (name, seed) => {
      const typo = misspell(name, seed);
      assert.ok(distance(name, typo, 3) <= 1, `${name} ${typo}`);
    }),
  );
  const cases: [string, string, number][] = [
    ['numpy', 'numpy', 0],
    ['numpy', 'nupmy', 1],
    ['numpy', 'nmpy', 1],
    ['numpy', 'numppy', 1],
    ['kitten', 'sitting', 3],
  ];
  for (const [a, b, expected] of cases) assert.equal(distance(a, b, 5), expected, `${a} ${b}`);
});
