import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../config/config.generated.ts';
import { KnownError, UsageError } from '../errors.ts';
import { evaluatorEnvironment, onDisk } from '../process/nix-environment.ts';
import { run } from '../process/run.ts';
import type { StageContext } from '../report/event.ts';
import type { Located } from './located.ts';
import {
  customization,
  digest,
  isNixpkgs,
  targetOfTree,
  withoutCredentials,
  type Customization,
  type RevisionInfo,
} from './tree.ts';

const remedy = 'Install Nix 2.24 or newer, or use `nixpkgs.source: git` or `path`.';

/** What `nix flake metadata` says, as far as it is used. */
interface Metadata {
  path: string;
  url: string;
  description?: string;
  lastModified?: number;
  /** `narHash` is that of the whole tree, in whatever directory of it the flake is. */
  locked?: { rev?: string; dirtyRev?: string; narHash?: string; dir?: string };
  /** The inputs; a flake without a lock file has others tomorrow. */
  locks?: unknown;
}

/**
 * Any flake reference. One that is nixpkgs is evaluated as a tree, so that sets to search in are recursed into and overlays
 * and config hold; any other gives its legacyPackages or packages as they are.
 */
export async function locateFlake(
  config: Config['nixpkgs'],
  cacheDirectory: string,
  ctx: StageContext,
): Promise<Located> {
  if (config.url === null) {
    throw new UsageError(
      'nixpkgs.url: `nixpkgs.source: flake` needs a flake reference, such as github:owner/repository.',
    );
  }
  const custom = await customization(config, ctx.signal);
  const reference = existsSync(config.url) ? resolve(config.url) : config.url;
  // Into the store that the evaluator reads.
  const { NIX_REMOTE } = evaluatorEnvironment(process.env, cacheDirectory);
  const environment = { ...process.env, ...(NIX_REMOTE === undefined ? {} : { NIX_REMOTE }) };
  const metadata = await metadataOf(reference, environment, ctx.signal);
  const tree = onDisk(metadata.path, environment);
  const { rev, dirtyRev, narHash, dir } = metadata.locked ?? {};
  const info = { revision: config.revision ?? rev ?? dirtyRev ?? null, committed: metadata.lastModified ?? null };
  const asTree = config.flakeOutput === 'auto' && dir === undefined && isNixpkgs(tree);
  const content = narHash ?? rev ?? metadata.url;
  const key = digest(['flake', content, asTree ? custom.key : [config.flakeOutput, dir, metadata.locks]]);
  return {
    origin: withoutCredentials(metadata.url),
    key,
    revision: info.revision,
    fetch: () =>
      asTree ? targetOfTree(tree, info, custom, key) : targetOfOutputs(config, metadata, info, custom, key, ctx),
  };
}

async function targetOfOutputs(
  config: Config['nixpkgs'],
  metadata: Metadata,
  info: RevisionInfo,
  custom: Customization,
  key: string,
  ctx: StageContext,
): ReturnType<typeof targetOfTree> {
  ctx.report({
    type: 'info',
    message:
      `${withoutCredentials(metadata.url)} is indexed as it is: sets are recursed into where the flake itself says so (recurseForDerivations), ` +
      'and what it does not allow (unfree, broken, insecure packages) is listed as an error.',
  });
  if (custom.overlays.length > 0 || Object.keys(custom.config).length > 0) {
    ctx.report({
      type: 'warning',
      message:
        'nixpkgs.overlays and nixpkgs.config have no effect on the outputs of a flake: put them into the flake, or index its nixpkgs.',
    });
  }
  return Promise.resolve({
    tree: null,
    request: { flake: metadata.url, output: config.flakeOutput },
    revision: info.revision,
    nixpkgsVersion: null,
    key,
  });
}

async function metadataOf(reference: string, environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Metadata> {
  const features = ['--extra-experimental-features', 'nix-command flakes'];
  const command = ['flake', 'metadata', '--json', '--no-write-lock-file', '--', reference];
  const { code, stdout, stderr } = await run(['nix', ...features, ...command], {
    signal,
    remedy,
    env: { ...environment, NO_COLOR: '1' },
  });
  const metadata: unknown = code === 0 ? JSON.parse(stdout) : null;
  if (isMetadata(metadata)) return metadata;
  const said = stderr.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('warning:'));
  throw new KnownError(
    `nixpkgs.url: the flake ${withoutCredentials(reference)} cannot be read:\n  ${withoutCredentials(said.join('\n  '))}\nCheck the reference and the network.`,
  );
}

function isMetadata(value: unknown): value is Metadata {
  return (
    typeof value === 'object' && value !== null && 'path' in value && 'url' in value && typeof value.path === 'string'
  );
}
