import type { Config } from './config.generated.ts';
import { missingForBatch, resolveProvider } from './provider.ts';
import { missingOf } from './violation.ts';
import type { Violation } from './violation.ts';
import { dependencyPathRules, outputRules, s3Rules } from './rules-storage.ts';

const rules = [
  sourceRules,
  pathRules,
  outputRules,
  dependencyPathRules,
  s3Rules,
  layerRules,
  providerRules,
  batchRules,
  dimensionRules,
  ftsRules,
  graphRules,
];

/** All combinations in a configuration that cannot work, each key by itself being valid. */
export function violationsOf(config: Config): Violation[] {
  return rules.flatMap((rule) => rule(config));
}

function sourceRules({ mode, nixpkgs }: Config): Violation[] {
  const { source, path, url } = nixpkgs;
  if (mode === 'embedding' || mode === 'minified') return [];
  if ((source === 'path' || source === 'jsonl') && (path === null || path.length === 0)) {
    const what = source === 'path' ? 'the tree' : 'the recording';
    return [{ keys: ['nixpkgs.source', 'nixpkgs.path'], message: `${source} needs nixpkgs.path, ${what} to read` }];
  }
  if (source === 'flake' && path === null && url === null) {
    const message = 'flake needs nixpkgs.url, a flake reference such as github:NixOS/nixpkgs';
    return [{ keys: ['nixpkgs.source', 'nixpkgs.url', 'nixpkgs.path'], message }];
  }
  return [];
}

function pathRules({ nixpkgs: { source, path, url } }: Config): Violation[] {
  const found: Violation[] = [];
  if (source !== 'jsonl' && Array.isArray(path) && path.length > 1) {
    const message = `holds ${path.length} paths, and only source jsonl reads several`;
    found.push({ keys: ['nixpkgs.path', 'nixpkgs.source'], message });
  }
  if (source === 'channel' && url !== null && !/^https?:\/\//i.test(url)) {
    const message = `"${url}" is no http or https address of a packages.json; nixpkgs.path names a file`;
    found.push({ keys: ['nixpkgs.url', 'nixpkgs.source'], message });
  }
  if (url !== null && /^[a-z+]+:\/\/[^/@\s]*:[^/@\s]*@/i.test(url)) {
    const message = "holds a password; leave it to git's credential helper or to a netrc file";
    found.push({ keys: ['nixpkgs.url'], message });
  }
  return found;
}

function layerRules({ layer, s3 }: Config): Violation[] {
  if (!layer.publish) return [];
  const needed = { 's3.bucket': s3.bucket, 's3.minifiedKey': s3.minifiedKey, 'layer.arn': layer.arn };
  const missing = missingOf(needed);
  if (missing.length === 0) return [];
  return [
    { keys: ['layer.publish', ...Object.keys(needed)], message: `publishing the layer needs ${missing.join(' and ')}` },
  ];
}

function providerRules({ embedding, s3 }: Config): Violation[] {
  if (!embedding.enabled) return [];
  const { provider, bedrock, local } = embedding;
  if (provider === 'local' && local.modelPath === null) {
    const message = 'local needs embedding.local.modelPath, the directory of an ONNX model';
    return [{ keys: ['embedding.provider', 'embedding.local.modelPath'], message }];
  }
  // What `auto` comes to may go on demand, with a warning; who asks for Bedrock or for batch jobs by name gets them or an error.
  const asked = provider === 'bedrock' ? 'embedding.provider' : 'embedding.bedrock.mode';
  const batch = bedrock.mode === 'batch' && resolveProvider({ embedding }) === 'bedrock';
  if ((provider !== 'bedrock' && !batch) || bedrock.mode === 'onDemand') return [];
  const missing = missingForBatch({ embedding, s3 });
  if (missing.length === 0) return [];
  const keys = ['roleArn', 'inputBucket', 'outputBucket'].map(bedrockKey);
  const who = provider === 'bedrock' ? 'bedrock' : 'batch';
  return [{ keys: [asked, ...keys, 's3.bucket'], message: `${who} needs ${missing.join(' and ')}` }];
}

function bedrockKey(name: string): string {
  return `embedding.bedrock.${name}`;
}

function batchRules({ embedding }: Config): Violation[] {
  const { batchSize, minRecords, maxRecords, maxFileBytes, maxJobBytes, vpc } = embedding.bedrock;
  const found: Violation[] = [];
  if (batchSize < minRecords || batchSize > maxRecords) {
    const message = `${batchSize} is not between minRecords (${minRecords}) and maxRecords (${maxRecords}), the service's limits for a job`;
    found.push({ keys: [bedrockKey('batchSize'), bedrockKey('minRecords'), bedrockKey('maxRecords')], message });
  }
  if (maxFileBytes > maxJobBytes) {
    const message = `${maxFileBytes} is more than maxJobBytes (${maxJobBytes}), which a file is part of`;
    found.push({ keys: [bedrockKey('maxFileBytes'), bedrockKey('maxJobBytes')], message });
  }
  if ((vpc.subnetIds.length === 0) !== (vpc.securityGroupIds.length === 0)) {
    const [given, missing] =
      vpc.subnetIds.length === 0 ? ['securityGroupIds', 'subnetIds'] : ['subnetIds', 'securityGroupIds'];
    found.push({
      keys: [bedrockKey(`vpc.${given}`), bedrockKey(`vpc.${missing}`)],
      message: `a VPC needs ${bedrockKey(`vpc.${missing}`)} too`,
    });
  }
  return found;
}

function dimensionRules(config: Config): Violation[] {
  const { embedding, vectorIndex } = config;
  const titan =
    resolveProvider(config) === 'bedrock' && embedding.bedrock.modelId.startsWith('amazon.titan-embed-text-v2');
  const { dimensions } = embedding;
  const dimensionKeys = ['embedding.provider', 'embedding.bedrock.modelId', 'embedding.bedrock.roleArn'];
  if (titan && dimensions !== 'auto' && ![256, 512, 1024].includes(dimensions)) {
    return [
      {
        keys: ['embedding.dimensions', ...dimensionKeys],
        message: `${dimensions} is none of 256, 512 and 1024, which Titan makes`,
      },
    ];
  }
  const length = dimensions === 'auto' ? (titan ? 256 : null) : dimensions;
  if (length === null || length % vectorIndex.subVectors === 0) return [];
  const message = `${vectorIndex.subVectors} does not divide the ${length} dimensions of a vector`;
  return [{ keys: ['vectorIndex.subVectors', 'embedding.dimensions', ...dimensionKeys], message }];
}

function ftsRules({ fts }: Config): Violation[] {
  const { stopwords, stemmer } = fts;
  if (stopwords === null || stemmer === null || stopwords === stemmer) return [];
  const message = `${stemmer} differs from fts.stopwords (${stopwords}), and an index knows one language; give both the same, or leave one empty`;
  return [{ keys: ['fts.stemmer', 'fts.stopwords'], message }];
}

function graphRules({ graph }: Config): Violation[] {
  if (Object.values(graph.weights).some((weight) => weight > 0)) return [];
  const keys = Object.keys(graph.weights).map((kind) => `graph.weights.${kind}`);
  return [{ keys: ['graph.weights.build', ...keys], message: 'all weights are 0, so that no edge counts' }];
}
