import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { qualityOf } from '../../src/quality/index.ts';
import type { QualityInput } from '../../src/quality/index.ts';

const empty: QualityInput = {
  description: null,
  long_description: null,
  homepage: null,
  urls: [],
  license_expression: null,
  maintainers: [],
  teams: [],
  main_program: null,
  position: null,
  broken: false,
  insecure: false,
};
const full: QualityInput = {
  ...empty,
  description: 'Searches files',
  long_description: 'Searches files fast',
  homepage: 'https://example.org',
  urls: [{ type: 'changelog', url: 'https://example.org/changes' }],
  license_expression: 'MIT',
  teams: ['search'],
  main_program: 'search',
  position: 'pkgs/search.nix:1',
};

describe('quality', () => {
  it('is 1 where nothing is missing', () => {
    assert.equal(qualityOf(full).score, 1);
  });

  it('says what each part adds', () => {
    const { score, parts } = qualityOf({ ...full, broken: true, homepage: null });
    assert.equal(score, 0.75);
    assert.deepEqual(
      parts.filter((part) => !part.met).map((part) => part.name),
      ['homepage', 'not broken'],
    );
  });

  it('of an empty package is what it is not: broken, insecure', () => {
    assert.equal(qualityOf(empty).score, 0.15);
  });
});
