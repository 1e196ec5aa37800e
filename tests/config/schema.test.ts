import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { defaultsOf, leavesOf, nodeAt, schema, typesOf } from '../../src/config/schema.ts';
import { renderTable, replaceTable } from '../../src/config/table.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('types and tables are what the schema says', () => {
  const result = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/generate.mjs', '--check'], { cwd: root });
  assert.equal(result.status, 0, String(result.stderr));
});

test('every key has a description, a default of its own type and, if a number, a range', () => {
  for (const { key, node } of leavesOf()) {
    assert.match(node.description ?? '', /\w.*\.$/, `${key}: description`);
    assert.notEqual(node.default, undefined, `${key}: default`);
    const numeric = typesOf(node).some((type) => type === 'integer' || type === 'number');
    if (numeric) assert.ok(node.minimum !== undefined && node.maximum !== undefined, `${key}: range`);
    if (node.pattern !== undefined) assert.ok(node['x-expected'], `${key}: what the pattern expects, in words`);
  }
});

test('the defaults are valid', () => {
  const ajv = new Ajv({
    strict: true,
    allErrors: true,
    allowUnionTypes: true,
    keywords: ['x-default', 'x-expected', 'x-environment'],
  });
  const validate = ajv.compile(schema);
  assert.ok(validate(defaultsOf()), JSON.stringify(validate.errors));
});

test('every variable of the Python system but DUCKDB_KEY has its key', () => {
  const variables = leavesOf().flatMap(({ node }) => node['x-environment'] ?? []);
  assert.equal(new Set(variables).size, variables.length);
  assert.deepEqual(variables.toSorted(), [
    'ARTIFACTS_BUCKET',
    'AWS_REGION',
    'BEDROCK_BATCH_SIZE',
    'BEDROCK_INPUT_BUCKET',
    'BEDROCK_MAX_WAIT_TIME',
    'BEDROCK_MODEL_ID',
    'BEDROCK_OUTPUT_BUCKET',
    'BEDROCK_OUTPUT_DIMENSIONS',
    'BEDROCK_POLL_INTERVAL',
    'BEDROCK_ROLE_ARN',
    'DEPENDENCY_S3_KEY',
    'ENABLE_EMBEDDINGS',
    'FORCE_REBUILD_EMBEDDINGS',
    'FTS_STEMMER',
    'FTS_STOPWORDS',
    'LANCEDB_DATA_KEY',
    'LANCEDB_MINIFIED_KEY',
    'LANCEDB_PATH',
    'LAYER_ARN',
    'NIX_SYSTEM',
    'OUTPUT_MINIFIED_PATH',
    'OUTPUT_PATH',
    'PROCESSING_MODE',
    'PUBLISH_LAYER',
    'VECTOR_INDEX_PARTITIONS',
    'VECTOR_INDEX_SUB_VECTORS',
  ]);
});

test('a node is found by its path, and inside free-form maps', () => {
  assert.equal(nodeAt(['s3', 'bucket'])?.default, null);
  assert.equal(nodeAt(['s3', 'buckets']), undefined);
  assert.equal(nodeAt(['s3', 'toString']), undefined);
  assert.equal(nodeAt(['embedding', 'bedrock', 'tags', 'team'])?.type, 'string');
  assert.deepEqual(nodeAt(['nixpkgs', 'config', 'a', 'b']), {});
});

test('a table replaces what is between its markers alone', () => {
  const text = 'before\n<!-- config:begin -->\nold\n<!-- config:end -->\nafter\n';
  assert.equal(replaceTable(text, 'new'), 'before\n<!-- config:begin -->\nnew\n<!-- config:end -->\nafter\n');
  assert.equal(replaceTable('no markers', 'new'), 'no markers');
  assert.equal(renderTable(schema).split('\n').length, leavesOf().length + 2);
});
