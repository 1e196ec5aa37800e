import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { errorClass } from '../../src/normalize/error-class.ts';
import { normalize, type NormalizedBatch } from '../../src/normalize/normalize.ts';

async function normalizeLines(...batches: string[][]): Promise<NormalizedBatch> {
  const all: NormalizedBatch = { packages: [], lines: [], errors: [], invalid: 0 };
  async function* lines() {
    yield* batches;
  }
  const stream = { system: null, origin: 'eval.jsonl', lines: lines() };
  const signal = new AbortController().signal;
  for await (const { packages, lines: numbers, errors, invalid } of normalize(
    stream,
    { contentHash: () => '' },
    { signal },
  )) {
    all.packages.push(...packages);
    all.lines.push(...numbers);
    all.errors.push(...errors);
    all.invalid += invalid;
  }
  return all;
}

test('each line is a package or an error, and none is dropped', async () => {
  const { packages, errors, invalid } = await normalizeLines(
    ['\uFEFF{"attr":"hello","name":"hello-1"}', '', '  ', '{"attr":"broken","error":"error: attribute \'x\' missing"}'],
    ['{"attr":"both","error":"error: no","extraValue":{"pname":"both"}}', '{"attr":'],
    ['{"attr":"hello","name":"hello-2"}', '{"attr":7}', '[]', '{"attr":"wrong","meta":{"broken":"yes"}}'],
    ['{"attr":"broken"}', '{"attr":"last"}\r'],
  );
  assert.deepEqual(
    packages.map(({ declared }) => [declared.package_id, declared.version]),
    [
      ['hello', '1'],
      ['last', null],
    ],
  );
  assert.equal(invalid, 4);
  assert.deepEqual(
    errors.map(({ attribute_path, class: kind, message }) => [attribute_path, kind, message.split(';')[0]]),
    [
      ['broken', 'missing-attribute', "error: attribute 'x' missing"],
      ['both', 'throw', 'error: no'],
      [null, 'invalid', 'eval.jsonl:6: not JSON (Unexpected end of JSON input)'],
      ['hello', 'duplicate', 'eval.jsonl:7: this attribute path stood on an earlier line already'],
      [null, 'invalid', 'eval.jsonl:8: attr must be string'],
      [null, 'invalid', 'eval.jsonl:9: the line must be object'],
      ['wrong', 'invalid', 'eval.jsonl:10: meta.broken must be boolean,null'],
      ['broken', 'duplicate', 'eval.jsonl:11: this attribute path stood on an earlier line already'],
    ],
  );
});

test('a message about a line shows how it begins, and no more', async () => {
  const { errors } = await normalizeLines([`{"attr": ${'x'.repeat(500)}`]);
  const [error] = errors;
  assert.match(error?.message ?? '', /; the line begins "\{\\"attr\\": x{71}"$/);
});

test('it stops when it is told to', async () => {
  const controller = new AbortController();
  async function* lines() {
    yield ['{"attr":"a"}'];
    controller.abort(new Error('stop'));
    yield ['{"attr":"b"}'];
  }
  const stream = { system: null, origin: 'x', lines: lines() };
  await assert.rejects(Array.fromAsync(normalize(stream, { contentHash: () => '' }, controller)), /stop/);
});

suite('error classes, by the innermost reason', () => {
  const cases: [expected: string, message: string][] = [
    ['missing-attribute', "error:\n  … while calling\n\n  error: attribute 'sample' missing\n  at x.nix:1:2"],
    ['infinite-recursion', 'error: infinite recursion encountered'],
    ['stack-overflow', 'error: stack overflow; max-call-depth exceeded'],
    [
      'import-from-derivation',
      "error: cannot build '/nix/store/x.drv' since the option 'allow-import-from-derivation' is disabled",
    ],
    ['argument', "error: function 'anonymous lambda' called without required argument 'lib'"],
    ['unsupported', 'error: foo-1.0 not supported for interpreter python3.14'],
    ['unfree', 'error: Package ‘x’ has an unfree license (‘unfree’)'],
    ['insecure', 'error: Package ‘x’ is marked as insecure'],
    ['broken', 'error: Package ‘x’ is marked as broken'],
    ['assertion', "error: assertion '(a != null)' failed"],
    ['abort', 'error: evaluation aborted with the following error message: no'],
    ['type', 'error: expected a set but found null: null'],
    ['syntax', "error: undefined variable 'x'"],
    ['throw', 'error: foo was removed, use bar'],
    ['throw', ''],
    ['throw', "error: attribute 'x' missing\nerror: foo was removed"],
  ];
  for (const [expected, message] of cases) {
    test(`${expected}: ${JSON.stringify(message.slice(0, 60))}`, () => assert.equal(errorClass(message), expected));
  }
});
