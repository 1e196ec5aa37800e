import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseOverrides, readOverrides } from '../../src/cluster/overrides.ts';
import { UsageError } from '../../src/errors.ts';

describe('the file of overrides', () => {
  it('lists merges and splits', () => {
    const text = 'merge:\n  - [a, b]\nsplit:\n  - [c, d, e]\n';
    assert.deepEqual(parseOverrides(text, 'o.yaml'), { merge: [['a', 'b']], split: [['c', 'd', 'e']] });
    assert.deepEqual(parseOverrides('', 'o.yaml'), { merge: [], split: [] });
  });

  const wrong: [text: string, message: RegExp][] = [
    ['merge: [a', /o\.yaml/],
    ['merge:\n  - &a [*a]', /o\.yaml:2: does not parse: \*a stands within/],
    ['[1]', /expected a mapping/],
    ['join: []', /unknown key "join"/],
    ['merge: a', /o\.yaml: merge: expected a list of lists, found "a"/],
    ['split: [[a]]', /o\.yaml: split\[0\]: expected a list of at least two attribute paths, found \["a"\]/],
    ['split: [[a, 3]]', /o\.yaml: split\[0\]: expected an attribute path, found 3/],
  ];
  for (const [text, message] of wrong) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseOverrides(text, 'o.yaml'),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }

  it('that is not there is an error', async () => {
    const { signal } = new AbortController();
    await assert.rejects(
      readOverrides('/nonexistent/overrides.yaml', signal),
      /overrides\.yaml \(cluster\.overrides\): cannot be read: ENOENT/,
    );
  });
});
