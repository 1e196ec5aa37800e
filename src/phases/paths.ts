import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Config } from '../config/config.generated.ts';

/** Where the dependency JSON goes: beside the main dataset unless the configuration says otherwise. */
export function dependencyPathOf({ path, dependencyPath }: Config['output']): string {
  return dependencyPath ?? `${path.replace(/\/+$/, '').replace(/\.lancedb$/, '')}.dependencies.json`;
}

/** Where fetched trees and unfinished evaluations are kept: as configured, as systemd says, or in the user's cache. */
export function cacheDirectoryOf({ path }: Config['cache'], environment: NodeJS.ProcessEnv): string {
  // systemd separates several directories by colons.
  const given = path ?? environment['CACHE_DIRECTORY']?.split(':')[0];
  if (given !== undefined && given !== '') return resolve(given);
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'fdnix-indexer');
}
