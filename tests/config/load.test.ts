import assert from 'node:assert/strict';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import type { LoadedConfig } from '../../src/config/load.ts';
import { describeOrigin } from '../../src/config/problem.ts';
import { renderResolved } from '../../src/config/resolved.ts';
import { UsageError } from '../../src/errors.ts';
import { temporaryDirectory } from '../support/directory.ts';

async function load(t: TestContext, yaml: string, sets: string[] = []): Promise<LoadedConfig> {
  const cwd = await temporaryDirectory(t, { 'fdnix.config.yaml': yaml });
  return loadConfig({ cwd, sets, env: {} });
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error.message;
  }
  return assert.fail('was accepted');
}

test('without a file everything has its default', async (t) => {
  const { config, file, warnings, origins } = await loadConfig({ cwd: await temporaryDirectory(t), env: {} });
  assert.equal(file, null);
  assert.deepEqual(warnings, []);
  assert.equal(origins.size, 0);
  assert.equal(config.mode, 'both');
  assert.equal(config.nixpkgs.ref, 'release-26.05');
  assert.equal(config.embedding.bedrock.batchSize, 10000);
  assert.match(config.nixpkgs.systems.join(), /^\w+-\w+$/);
});

test('the file overrides defaults, --set the file, flags and later --set win; each knows where it came from', async (t) => {
  const cwd = await temporaryDirectory(t, { 'fdnix.config.yaml': 'mode: embedding\ns3:\n  # a comment\n  keep: 5\n' });
  const { config, origins } = await loadConfig({
    cwd,
    env: {},
    sets: ['s3.keep=6', 's3.keep=7', 'mode=minified'],
    flags: [{ flag: '--mode', key: 'mode', value: 'metadata' }],
  });
  assert.equal(config.mode, 'metadata');
  assert.equal(config.s3.keep, 7);
  assert.deepEqual(
    [...origins].map(([key, origin]) => [key, describeOrigin(origin)]),
    [
      ['mode', '--mode metadata'],
      ['s3.keep', '--set s3.keep=7'],
    ],
  );
  const alone = await loadConfig({ cwd, env: {} });
  assert.equal(describeOrigin(alone.origins.get('s3.keep') ?? { kind: 'default' }), 'fdnix.config.yaml:4');
});

test('--set reads values by the type of the key', async (t) => {
  const { config } = await load(t, '', [
    'nixpkgs.systems=x86_64-linux, aarch64-darwin',
    'nixpkgs.overlays=["a,b.nix"]',
    'nixpkgs.config={cudaSupport: true}',
    'nixpkgs.config.permitted.deep=[1, x]',
    'embedding.bedrock.tags.team=1',
    'embedding.enabled=false',
    'embedding.maxCost=.5',
    'fts.stemmer=',
    'evaluation.workers=4',
    's3.bucket=',
    'nixpkgs.path=a.jsonl,b.jsonl',
    'nixpkgs.source=jsonl',
    'publish.guard.canaries=',
    'nixpkgs.revision=0123',
  ]);
  assert.deepEqual(config.nixpkgs.systems, ['x86_64-linux', 'aarch64-darwin']);
  assert.deepEqual(config.nixpkgs.overlays, ['a,b.nix']);
  assert.deepEqual(config.nixpkgs.config, { cudaSupport: true, permitted: { deep: [1, 'x'] } });
  assert.deepEqual(config.embedding.bedrock.tags, { team: '1' });
  assert.equal(config.embedding.enabled, false);
  assert.equal(config.embedding.maxCost, 0.5);
  assert.equal(config.fts.stemmer, null);
  assert.equal(config.evaluation.workers, 4);
  assert.equal(config.s3.bucket, null);
  assert.deepEqual(config.nixpkgs.path, ['a.jsonl', 'b.jsonl']);
  assert.deepEqual(config.publish.guard.canaries, []);
  assert.equal(config.nixpkgs.revision, '0123');
});

test('--set takes no value without an end', async (t) => {
  const message = (set: string): Promise<string> => refusal(load(t, '', [set]));
  assert.match(await message('nixpkgs.config=&a {b: *a}'), /nixpkgs\.config: expected a map, found "&a \{b: \*a\}"/);
  assert.match(await message(`nixpkgs.config=${'['.repeat(100)}${']'.repeat(100)}`), /expected a map, found "\[\[/);
  assert.match(await message(`nixpkgs.config.${'a.'.repeat(30_000)}b=1`), /: nested too deeply$/);
});

test('empty sections, lists and texts are empty and no error', async (t) => {
  const { config } = await load(
    t,
    'aws:\nnixpkgs:\n  overlays:\n  config:\n  url: ""\nfts:\n  stopwords: ""\n  stemmer:\n',
  );
  assert.deepEqual(config.nixpkgs.overlays, []);
  assert.deepEqual(config.nixpkgs.config, {});
  assert.equal(config.nixpkgs.url, null);
  assert.deepEqual(config.fts, { stopwords: null, stemmer: null });
});

test('a JSON file may name its schema', async (t) => {
  const cwd = await temporaryDirectory(t, {
    'fdnix.config.json': '{"$schema": "./config.schema.json", "mode": "full"}',
  });
  assert.equal((await loadConfig({ cwd, env: {} })).config.mode, 'full');
});

test('several problems are told at once, with line and key', async (t) => {
  const yaml = [
    'mode: bath',
    'output:',
    '  pth: x',
    'embedding:',
    '  dimensions: many',
    '  bedrock:',
    '    batchSize: 0',
    '    bucketOwner: 123456789012',
    '    inputPrefix: in/dt=2026-01-01',
    'nixpkgs:',
    '  ref: 26.05',
    '  systems:',
    '    - x86_64-linux',
    '    - Linux',
    's3: nowhere',
  ].join('\n');
  const message = await refusal(load(t, yaml, ['serch.limit=3', 'search.limit=0', 'search']));
  assert.equal(
    message,
    [
      '12 problems in the configuration:',
      '  fdnix.config.yaml:1: mode: expected one of metadata, embedding, minified, both, full, found "bath"; did you mean both?',
      '  fdnix.config.yaml:3: output.pth: unknown key; did you mean output.path?',
      '  fdnix.config.yaml:5: embedding.dimensions: expected auto or a whole number from 1 to 8192, found "many"',
      '  fdnix.config.yaml:7: embedding.bedrock.batchSize: expected a whole number from 1 to 1000000, found 0',
      '  fdnix.config.yaml:8: embedding.bedrock.bucketOwner: expected the 12 digits of an account (quoted in YAML), found 123456789012; put it in quotes',
      '  fdnix.config.yaml:9: embedding.bedrock.inputPrefix: expected letters, digits and -!_*\'(). between single slashes, as the service demands (no =, +, %, blanks, // or leading slash), found "in/dt=2026-01-01"',
      '  fdnix.config.yaml:11: nixpkgs.ref: expected the name of a branch, a tag, a channel or a full revision, found 26.05; put it in quotes',
      '  fdnix.config.yaml:14: nixpkgs.systems.1: expected a Nix system such as x86_64-linux, found "Linux"',
      '  fdnix.config.yaml:15: s3: expected a section with bucket, dataKey, minifiedKey, dependencyKey, dependencyCompression, snapshot, keep, graceMinutes, storageClass, kmsKeyId, conditionalWrites, pathStyle, concurrency, found "nowhere"',
      '  --set serch.limit=3: serch.limit: unknown key; did you mean search.limit?',
      '  --set search: expected key=value, for example --set mode=metadata',
      '  --set search.limit=0: search.limit: expected a whole number from 1 to 1000, found 0',
    ].join('\n'),
  );
});

const combinations: [name: string, sets: string[], expected: string][] = [
  [
    'a bucket without keys',
    ['s3.bucket=abc'],
    '--set s3.bucket=abc: s3.bucket: a bucket needs s3.dataKey and s3.minifiedKey, the keys to publish to',
  ],
  [
    'a bucket without minifiedKey',
    ['s3.bucket=abc', 's3.dataKey=d'],
    '--set s3.bucket=abc: s3.bucket: a bucket needs s3.minifiedKey, the key to publish to',
  ],
  [
    'bedrock without role or buckets',
    ['embedding.provider=bedrock'],
    '--set embedding.provider=bedrock: embedding.provider: bedrock needs embedding.bedrock.roleArn and embedding.bedrock.inputBucket (or s3.bucket) and embedding.bedrock.outputBucket (or s3.bucket)',
  ],
  [
    'batch jobs, by name, without buckets',
    ['embedding.bedrock.roleArn=arn:aws:iam::123456789012:role/batch', 'embedding.bedrock.mode=batch'],
    '--set embedding.bedrock.mode=batch: embedding.bedrock.mode: batch needs embedding.bedrock.inputBucket (or s3.bucket) and embedding.bedrock.outputBucket (or s3.bucket)',
  ],
  [
    'local without a model',
    ['embedding.provider=local'],
    '--set embedding.provider=local: embedding.provider: local needs embedding.local.modelPath, the directory of an ONNX model',
  ],
  [
    'a layer without all of it',
    ['layer.publish=true'],
    '--set layer.publish=true: layer.publish: publishing the layer needs s3.bucket and s3.minifiedKey and layer.arn',
  ],
  [
    'a versioned layer',
    ['layer.arn=arn:aws:lambda:eu-central-1:123456789012:layer:fdnix:7'],
    '--set layer.arn=arn:aws:lambda:eu-central-1:123456789012:layer:fdnix:7: layer.arn: expected a layer\'s name, or its ARN without a version (arn:aws:lambda:REGION:123456789012:layer:NAME), found "arn:aws:lambda:eu-central-1:123456789012:layer:fdnix:7"; leave ":7" out, since every publication makes a new version',
  ],
  [
    'two languages',
    ['fts.stemmer=german'],
    '--set fts.stemmer=german: fts.stemmer: german differs from fts.stopwords (english), and an index knows one language; give both the same, or leave one empty',
  ],
  [
    'a language in upper case',
    ['fts.stopwords=English'],
    '--set fts.stopwords=English: fts.stopwords: expected one of danish, dutch, english, finnish, french, german, hungarian, italian, norwegian, portuguese, russian, spanish, swedish, or empty, found "English"; did you mean english?',
  ],
  [
    'a recording that is not named',
    ['nixpkgs.source=jsonl'],
    '--set nixpkgs.source=jsonl: nixpkgs.source: jsonl needs nixpkgs.path, the recording to read',
  ],
  [
    'datasets in one another',
    ['output.minifiedPath=out/fdnix-data.lancedb/x'],
    '--set output.minifiedPath=out/fdnix-data.lancedb/x: output.minifiedPath: "out/fdnix-data.lancedb/x" and output.path ("./out/fdnix-data.lancedb") are the same directory or lie in one another',
  ],
  [
    'the dependency JSON in the place of a dataset',
    ['output.dependencyPath=out/fdnix-data.lancedb'],
    '--set output.dependencyPath=out/fdnix-data.lancedb: output.dependencyPath: "out/fdnix-data.lancedb" and output.path ("./out/fdnix-data.lancedb") are the same or lie in one another',
  ],
  [
    'the dependency JSON in a dataset',
    ['output.dependencyPath=out/fdnix.lancedb/x.json'],
    '--set output.dependencyPath=out/fdnix.lancedb/x.json: output.dependencyPath: "out/fdnix.lancedb/x.json" and output.minifiedPath ("./out/fdnix.lancedb") are the same or lie in one another',
  ],
  [
    'the dependency JSON over the recording',
    ['nixpkgs.source=jsonl', 'nixpkgs.path=a.jsonl,./b.jsonl', 'output.dependencyPath=b.jsonl'],
    '--set output.dependencyPath=b.jsonl: output.dependencyPath: "b.jsonl" and nixpkgs.path ("./b.jsonl") are the same or lie in one another',
  ],
  [
    'an address as output',
    ['output.path=s3://b/x'],
    '--set output.path=s3://b/x: output.path: "s3://b/x" is an address, and datasets are written on this machine; s3.bucket publishes them',
  ],
  [
    'one key in another',
    ['s3.bucket=abc', 's3.dataKey=a/b', 's3.minifiedKey=a/b/c'],
    '--set s3.minifiedKey=a/b/c: s3.minifiedKey: "a/b/c" and s3.dataKey ("a/b") are the same or lie in one another',
  ],
  [
    'a key with a leading slash',
    ['s3.dataKey=/a'],
    '--set s3.dataKey=/a: s3.dataKey: "/a" has a leading slash, an empty part, "." or ".."',
  ],
  [
    'an unknown placeholder',
    ['s3.dataKey=a/{day}'],
    '--set s3.dataKey=a/{day}: s3.dataKey: "a/{day}" holds {day}, and only {date} and {revision} are filled in',
  ],
  [
    'sub-vectors that do not divide',
    ['embedding.dimensions=256', 'vectorIndex.subVectors=7'],
    '--set vectorIndex.subVectors=7: vectorIndex.subVectors: 7 does not divide the 256 dimensions of a vector',
  ],
  [
    'a password in an address',
    ['nixpkgs.url=https://me:pass@host/x.git'],
    "--set nixpkgs.url=https://me:pass@host/x.git: nixpkgs.url: holds a password; leave it to git's credential helper or to a netrc file",
  ],
  [
    'a job larger than the service allows',
    ['embedding.bedrock.batchSize=60000'],
    "--set embedding.bedrock.batchSize=60000: embedding.bedrock.batchSize: 60000 is not between minRecords (100) and maxRecords (50000), the service's limits for a job",
  ],
  [
    'half a VPC',
    ['embedding.bedrock.vpc.subnetIds=subnet-1'],
    '--set embedding.bedrock.vpc.subnetIds=subnet-1: embedding.bedrock.vpc.subnetIds: a VPC needs embedding.bedrock.vpc.securityGroupIds too',
  ],
  [
    'several trees',
    ['nixpkgs.source=path', 'nixpkgs.path=a,b'],
    '--set nixpkgs.path=a,b: nixpkgs.path: holds 2 paths, and only source jsonl reads several',
  ],
  [
    'a channel on this machine, as an address',
    ['nixpkgs.source=channel', 'nixpkgs.url=file:///srv/packages.json'],
    '--set nixpkgs.url=file:///srv/packages.json: nixpkgs.url: "file:///srv/packages.json" is no http or https address of a packages.json; nixpkgs.path names a file',
  ],
  [
    'a secret',
    ['aws.secretAccessKey=x'],
    "--set aws.secretAccessKey=x: aws.secretAccessKey: unknown key; credentials have no place in the configuration: the AWS SDK's own chain finds them (environment, profile, role)",
  ],
  [
    'a key of the Python system',
    ['ARTIFACTS_BUCKET=x'],
    '--set ARTIFACTS_BUCKET=x: ARTIFACTS_BUCKET: unknown key; did you mean s3.bucket?',
  ],
  ['a section misspelt', ['nixpkg.reff=x'], '--set nixpkg.reff=x: nixpkg.reff: unknown key; did you mean nixpkgs.ref?'],
  ['a misspelt section alone', ['ouput=x'], '--set ouput=x: ouput: unknown key; did you mean output?'],
  ['a key without its section', ['keep=1'], '--set keep=1: keep: unknown key; did you mean s3.keep or layer.keep?'],
  ['a section', ['s3=x'], '--set s3=x: s3: is a section; set one of its keys, such as s3.bucket'],
  [
    'a name of every object',
    ['__proto__.x=1'],
    '--set __proto__.x=1: __proto__.x: unknown key; `fdnix-indexer config init` prints all keys',
  ],
];

for (const [name, sets, expected] of combinations) {
  test(`refused: ${name}`, async (t) => {
    assert.equal(await refusal(loadConfig({ cwd: await temporaryDirectory(t), env: {}, sets })), expected);
  });
}

test('YAML and JSON that do not parse are told with their line', async (t) => {
  const cwd = await temporaryDirectory(t, {
    'a.yaml': 'mode: full\n s3: [\n',
    'b.json': '{\n  "mode": "full",\n}\n',
    'c.yaml': '- a\n',
    'd.json': '{"mode": "full", "mode": "both"}',
    'e.yaml': 'mode: !env X\n',
    'f.yaml': 'nixpkgs:\n  config: &a\n    b: [*a]\n',
    'g.yaml': `nixpkgs: ${'['.repeat(100)}${']'.repeat(100)}`,
    'h.yaml': `nixpkgs: ${'['.repeat(10_000)}`,
  });
  const messages = [];
  for (const configFile of ['a.yaml', 'b.json', 'c.yaml', 'd.json', 'e.yaml', 'f.yaml', 'g.yaml', 'h.yaml']) {
    messages.push(await refusal(loadConfig({ cwd, configFile, env: {} })));
  }
  assert.match(messages[0] ?? '', /^a\.yaml:1: does not parse at column 7: \w[^\n]*$/);
  assert.match(messages[1] ?? '', /^b\.json:3: does not parse as JSON: \w/);
  assert.equal(messages[2], 'c.yaml:1: expected keys and values, found ["a"]');
  assert.match(messages[3] ?? '', /^d\.json:1: does not parse at column 18: Map keys must be unique/);
  assert.match(messages[4] ?? '', /^e\.yaml:1: does not parse at column 7: Unresolved tag: !env/);
  assert.equal(messages[5], 'f.yaml:3: does not parse at column 9: *a stands within what it stands for');
  assert.equal(messages[6], 'g.yaml:1: does not parse at column 74: nested too deeply');
  assert.match(messages[7] ?? '', /^h\.yaml:1: does not parse at column \d+: nested too deeply/);
});

test('files that cannot be read: one message each', async (t) => {
  const cwd = await temporaryDirectory(t, { 'fdnix.config.json': '', 'secret.yaml': 'mode: full', 'binary.yaml': '' });
  await writeFile(join(cwd, 'binary.yaml'), Buffer.from([0xff, 0xfe, 0x00]));
  await writeFile(join(cwd, 'large.yaml'), '#'.repeat(1024 * 1024 + 1));
  await mkdir(join(cwd, 'folder.yaml'));
  await chmod(join(cwd, 'secret.yaml'), 0);
  const message = (configFile: string): Promise<string> => refusal(loadConfig({ cwd, configFile, env: {} }));
  assert.equal(
    await message('none.yaml'),
    'none.yaml: there is no such configuration file; `fdnix-indexer config init` writes one',
  );
  assert.equal(await message('folder.yaml'), 'folder.yaml: is a directory where a configuration file was expected');
  assert.equal(await message('secret.yaml/x'), 'secret.yaml/x: a part of this path is a file and not a directory');
  assert.equal(await message('binary.yaml'), 'binary.yaml: is not UTF-8 text; is it another file?');
  assert.equal(
    await message('large.yaml'),
    'large.yaml: 1048577 bytes are too many for a configuration file; is it another file?',
  );
  const asRoot = process.getuid?.() === 0;
  if (asRoot) process.seteuid?.(65534);
  const forbidden = await message('secret.yaml').finally(() => asRoot && process.seteuid?.(0));
  assert.equal(forbidden, 'secret.yaml: no permission to read this configuration file');
  assert.equal((await loadConfig({ cwd, env: {} })).file, 'fdnix.config.json');
  await mkdir(join(cwd, 'fdnix.config.yml'));
  await rm(join(cwd, 'fdnix.config.json'));
  assert.equal(
    await refusal(loadConfig({ cwd, env: {} })),
    'fdnix.config.yml: is a directory where a configuration file was expected',
  );
});

test('a second configuration, and keys without effect, are warned of', async (t) => {
  const cwd = await temporaryDirectory(t, {
    'fdnix.config.yaml': 's3:\n  dataKey: a\n  minifiedKey: b\n',
    'fdnix.config.json': '{}',
  });
  const { warnings } = await loadConfig({ cwd, env: {} });
  assert.deepEqual(warnings, [
    'fdnix.config.json is not read, because fdnix.config.yaml is there and comes first',
    's3.dataKey and s3.minifiedKey have no effect without s3.bucket',
  ]);
});

test('variables of the Python system are ignored with a warning each', async (t) => {
  const env = {
    PROCESSING_MODE: 'metadata',
    LANCEDB_DATA_KEY: 'x',
    DUCKDB_KEY: 'y',
    AWS_REGION: 'eu-central-1',
    NIX_SYSTEM: '',
  };
  const { warnings, config } = await loadConfig({ cwd: await temporaryDirectory(t), env });
  assert.equal(config.mode, 'both');
  assert.deepEqual(warnings, [
    'PROCESSING_MODE is set in the environment and ignored: mode in the configuration replaces it',
    'LANCEDB_DATA_KEY is set in the environment and ignored: s3.dataKey in the configuration replaces it',
    'DUCKDB_KEY is set in the environment and ignored: DUCKDB_KEY has no successor: the graph that the DuckDB file held is table `dependencies` of the dataset at s3.dataKey, and the JSON at s3.dependencyKey',
  ]);
});

test('what is printed reads back, whatever stands in it', async (t) => {
  const texts = [
    '---',
    '--- a',
    '...',
    'a\n\nb',
    `${'x'.repeat(60)}\n${'y'.repeat(60)}`,
    '- a',
    '# a',
    'a: b',
    '\u2028',
  ];
  for (const text of texts) {
    const cwd = await temporaryDirectory(t, { 'fdnix.config.json': '{}' });
    const tree = { nixpkgs: { url: text, overlays: [text, text], config: { [text]: [text] } } };
    await writeFile(join(cwd, 'fdnix.config.json'), JSON.stringify(tree));
    const { config, origins } = await loadConfig({ cwd, env: {} });
    await writeFile(join(cwd, 'printed.yaml'), renderResolved(config, origins));
    const again = await loadConfig({ cwd, configFile: 'printed.yaml', env: {} });
    assert.deepEqual(again.config, config);
  }
});

function noBatchText(missing: string): string {
  return (
    `no batch jobs can be made without ${missing}: every text goes on demand, at $0.02 for a million tokens and not $0.01; ` +
    'where that is meant, set embedding.bedrock.mode to onDemand'
  );
}

test('a role without buckets is warned of, with the keys and the price, unless on demand is asked for', async (t) => {
  const cwd = await temporaryDirectory(t);
  const role = 'embedding.bedrock.roleArn=arn:aws:iam::123456789012:role/batch';
  const warningsWith = async (...sets: string[]) =>
    (await loadConfig({ cwd, env: {}, sets: [role, ...sets] })).warnings;
  const input = 'embedding.bedrock.inputBucket (or s3.bucket)';
  const output = 'embedding.bedrock.outputBucket (or s3.bucket)';
  assert.deepEqual(await warningsWith(), [noBatchText(`${input} and ${output}`)]);
  assert.deepEqual(await warningsWith('embedding.bedrock.inputBucket=abc'), [noBatchText(output)]);
  for (const fine of [
    ['s3.bucket=abc', 's3.dataKey=a', 's3.minifiedKey=b'],
    ['embedding.bedrock.inputBucket=abc', 'embedding.bedrock.outputBucket=abc'],
    ['embedding.bedrock.mode=onDemand'],
    ['embedding.provider=none'],
    ['embedding.enabled=false'],
  ]) {
    assert.deepEqual(await warningsWith(...fine), [], fine.join(' '));
  }
});
