import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { composeText, contentHash, type EmbeddedFields } from '../../src/embed/text.ts';

const hello: EmbeddedFields = {
  attribute_path: 'hello',
  package_name: 'hello',
  main_program: 'hello',
  description: 'Program that produces a familiar, friendly greeting',
  long_description: 'A program that greets.\n\n  It is fully customizable.',
  category: 'by-name',
};

function textOf(fields: Partial<EmbeddedFields>, maxChars = 4000): string {
  return composeText({ ...hello, ...fields }, maxChars);
}

describe('composeText', () => {
  it('has the names, the description, the category and the long description, a line each', () => {
    assert.equal(
      textOf({}),
      'hello\nProgram that produces a familiar, friendly greeting\nby-name\nA program that greets. It is fully customizable.',
    );
  });

  it('names the program and the attribute where they tell more than the name', () => {
    const text = textOf({ attribute_path: 'mysql_jdbc', package_name: 'mysql-connector-java', main_program: 'mcj' });
    assert.match(text, /^mysql-connector-java \(mysql_jdbc\)\n/);
    assert.match(text, /\nprogram: mcj\n/);
  });

  for (const [one, other, name] of [
    ['python313Packages.requests', 'python314Packages.requests', 'requests'],
    ['rubyPackages_3_3.rake', 'rubyPackages.rake', 'rake'],
    ['linuxKernel.packages.linux_6_12.zfs', 'linuxKernel.packages.linux_5_10.zfs', 'zfs'],
    ['ocamlPackages_latest.yojson', 'ocamlPackages.yojson', 'yojson'],
    ['php82Extensions.dba', 'php85Extensions.dba', 'php-dba'],
    ['postgresql_16', 'postgresql_17', 'postgresql'],
    ['gcc14', 'gcc13', 'gcc'],
    ['nodejs_24', 'nodejs', 'nodejs'],
  ] as const) {
    it(`gives ${one} and ${other} one text`, () => {
      const fields = { package_name: name, main_program: null };
      assert.equal(textOf({ ...fields, attribute_path: one }), textOf({ ...fields, attribute_path: other }));
    });
  }

  it('tells sets of different kinds apart', () => {
    const fields = { package_name: 'requests' };
    assert.notEqual(
      textOf({ ...fields, attribute_path: 'python313Packages.requests' }),
      textOf({ ...fields, attribute_path: 'haskellPackages.requests' }),
    );
  });

  it('takes the interpreter’s version out of a derivation’s name', () => {
    assert.match(textOf({ package_name: 'python3.13-requests', attribute_path: 'x.requests' }), /^python-requests\n/);
  });

  it('does not say the description twice where the long one begins with it', () => {
    assert.equal(
      textOf({ long_description: 'Program that produces a familiar, friendly greeting. And more.' }).match(/familiar/g)
        ?.length,
      1,
    );
  });

  it('cuts at a word’s edge, within the limit, and is a prefix of the whole text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc.integer({ min: 1, max: 200 }),
        (long, maxChars) => {
          const whole = textOf({ long_description: long }, 10_000);
          const cut = textOf({ long_description: long }, maxChars);
          assert.ok(cut.length <= maxChars && whole.startsWith(cut) && cut.isWellFormed());
          const next = whole.charAt(cut.length);
          assert.ok(next === '' || /\s/.test(next) || !/\s/.test(cut));
        },
      ),
    );
  });

  it('depends on nothing but words: other whitespace, the same text', () => {
    assert.equal(textOf({ long_description: 'a  b\r\n\tc ' }), textOf({ long_description: 'a b c' }));
  });
});

describe('contentHash', () => {
  it('is SHA-256 in hexadecimal', () => {
    assert.equal(contentHash('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
