import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import parse from 'spdx-expression-parse';
import type { RawLicense } from '../../src/model.ts';
import { isUnfree, licenseExpression, licensesOf } from '../../src/normalize/license.ts';

const mit = { spdxId: 'MIT', shortName: 'mit', fullName: 'MIT License', free: true };
const apache = { spdxId: 'Apache-2.0', shortName: 'asl20' };
const gpl2 = { spdxId: 'GPL-2.0', shortName: 'gpl2' };
const lgpl21 = { spdxId: 'LGPL-2.1-only', shortName: 'lgpl21Only' };
const classpath = { spdxId: 'Classpath-exception-2.0', shortName: 'classpathException20' };
const llvm = { spdxId: 'LLVM-exception', shortName: 'llvm-exception' };
const publicDomain = { shortName: 'publicDomain', fullName: 'Public Domain' };
const unfree = { shortName: 'unfree', fullName: 'Unfree', free: false, redistributable: false };
const compound = (operator: string, ...licenses: unknown[]) => ({ licenseType: 'compound', operator, licenses });
const excepted = (license: unknown, exception: unknown) => ({
  licenseType: 'exception',
  operator: 'WITH',
  license,
  exception,
});
const plus = (license: unknown) => ({ licenseType: 'plus', operator: '+', license });

const cases: [what: string, raw: Parameters<typeof licenseExpression>[0], expression: string | null][] = [
  ['nothing', null, null],
  ['an empty list', [], null],
  ['one license', mit, 'MIT'],
  ['a string', 'lgpl-3.0-or-later', 'LGPL-3.0-or-later'],
  ['a string that SPDX does not know', 'custom license', 'LicenseRef-custom-license'],
  ['a list: all apply', [mit, apache], 'MIT AND Apache-2.0'],
  ['the same twice', [mit, mit], 'MIT'],
  ['spaces around an id', { spdxId: ' GPL-2.0-with-font-exception' }, 'GPL-2.0-with-font-exception'],
  ['another case', { spdxId: 'mit' }, 'MIT'],
  ['no SPDX id', publicDomain, 'LicenseRef-publicDomain'],
  ['an id that SPDX does not know', { spdxId: 'none-such', shortName: 'noneSuch' }, 'LicenseRef-noneSuch'],
  ['a full name alone', { fullName: 'MIT/X11' }, 'LicenseRef-MIT-X11'],
  ['a full name that is an id', { fullName: 'ISC' }, 'ISC'],
  ['an address alone', { url: 'https://example.org/licence' }, 'LicenseRef-unnamed'],
  ['characters that no LicenseRef may have', { shortName: '«été» #1' }, 'LicenseRef-t-1'],
  ['nothing but such characters', { shortName: '***' }, 'LicenseRef-unnamed'],
  ['nothing at all', {}, null],
  ['OR', compound('OR', mit, apache), 'MIT OR Apache-2.0'],
  ['AND of OR', [compound('OR', mit, gpl2), apache], '(MIT OR GPL-2.0) AND Apache-2.0'],
  ['OR of AND', compound('OR', compound('AND', mit, gpl2), apache), '(MIT AND GPL-2.0) OR Apache-2.0'],
  ['AND of AND', [compound('AND', mit, gpl2), apache], 'MIT AND GPL-2.0 AND Apache-2.0'],
  ['WITH', excepted(gpl2, classpath), 'GPL-2.0 WITH Classpath-exception-2.0'],
  ['WITH in a list', [excepted(apache, llvm), mit], 'Apache-2.0 WITH LLVM-exception AND MIT'],
  ['an exception that SPDX does not know', excepted(gpl2, { shortName: 'ours' }), 'LicenseRef-GPL-2.0-with-ours'],
  [
    'an exception to a license that SPDX does not know',
    excepted(publicDomain, llvm),
    'LicenseRef-publicDomain-with-llvm-exception',
  ],
  [
    'an exception to a compound is one to each part',
    excepted(compound('OR', gpl2, lgpl21), classpath),
    'GPL-2.0 WITH Classpath-exception-2.0 OR LGPL-2.1-only WITH Classpath-exception-2.0',
  ],
  ['plus', plus(gpl2), 'GPL-2.0+'],
  ['plus twice', plus(plus(gpl2)), 'GPL-2.0+'],
  ['plus of what SPDX does not know', plus(publicDomain), 'LicenseRef-publicDomain'],
  ['plus with an exception', excepted(plus(gpl2), classpath), 'GPL-2.0+ WITH Classpath-exception-2.0'],
  ['an exception in the list', [gpl2, classpath], 'GPL-2.0 WITH Classpath-exception-2.0'],
  [
    'it belongs to the nearest license that it can belong to',
    [gpl2, mit, classpath, apache],
    'GPL-2.0 WITH Classpath-exception-2.0 AND MIT AND Apache-2.0',
  ],
  ['LLVM’s belongs to Apache', [apache, gpl2, llvm], 'Apache-2.0 WITH LLVM-exception AND GPL-2.0'],
  ['an exception to nothing', [classpath], 'LicenseRef-classpathException20'],
  ['an exception to nothing that is there', [mit, llvm], 'MIT AND LicenseRef-llvm-exception'],
];

for (const [what, raw, expected] of cases) {
  test(`license expression: ${what}`, () => {
    const expression = licenseExpression(raw);
    assert.equal(expression, expected);
    if (expression !== null) parse(expression);
  });
}

test('licenses are structs, compound ones taken apart, in their order', () => {
  const raw = [compound('OR', mit, excepted(gpl2, classpath)), 'ISC', unfree, publicDomain];
  assert.deepEqual(
    licensesOf(raw).map(({ spdx_id: id, short_name: name, free }) => [id, name, free]),
    [
      ['MIT', 'mit', true],
      ['GPL-2.0', 'gpl2', null],
      [null, 'classpathException20', null],
      ['ISC', 'ISC', null],
      [null, 'unfree', false],
      [null, 'publicDomain', null],
    ],
  );
  assert.equal(isUnfree(licensesOf(raw)), true);
  assert.equal(isUnfree(licensesOf([mit])), false);
  assert.equal(isUnfree([]), false);
});

const names = fc.oneof(
  fc.constantFrom(
    'MIT',
    'GPL-2.0',
    'LGPL-2.1-only',
    'Apache-2.0',
    'Classpath-exception-2.0',
    'LLVM-exception',
    'ours',
    '',
  ),
  fc.string(),
);
const simple = fc.record({ spdxId: names, shortName: names, fullName: names, url: names }, { requiredKeys: [] });
const { license: anyLicense } = fc.letrec<{ license: RawLicense | string }>((tie) => ({
  license: fc.oneof(
    { depthSize: 'small' },
    simple,
    names,
    fc.record({ operator: fc.constantFrom('AND', 'OR', 'and'), licenses: fc.array(tie('license'), { maxLength: 4 }) }),
    fc.record({ operator: fc.constantFrom('WITH', '+'), license: tie('license'), exception: tie('license') }),
    fc.record({ operator: fc.constant('+'), license: tie('license') }),
  ),
}));

test('whatever stands there becomes an expression that SPDX parsers take', () => {
  fc.assert(
    fc.property(fc.oneof(anyLicense, fc.array(anyLicense, { maxLength: 5 })), (raw) => {
      const expression = licenseExpression(raw);
      if (expression !== null) parse(expression);
      assert.ok(Array.isArray(licensesOf(raw)));
    }),
    { numRuns: 2000 },
  );
});
