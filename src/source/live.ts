import type { Config } from '../config/config.generated.ts';
import type { StageContext } from '../report/event.ts';
import { locateFlake } from './flake.ts';
import { locateGit } from './git.ts';
import type { Located } from './located.ts';
import { locatePath } from './path.ts';

/** The sources that are evaluated. */
export type LiveSource = Extract<Config['nixpkgs']['source'], 'git' | 'path' | 'flake'>;

/**
 * Finds out which revision the configuration names, with as little as one question to the server: only `fetch` downloads.
 *
 * @param cacheDirectory where fetched trees are kept
 */
export function locate(
  config: Config['nixpkgs'] & { source: LiveSource },
  cacheDirectory: string,
  ctx: StageContext,
): Promise<Located> {
  if (config.source === 'git') return locateGit(config, cacheDirectory, ctx);
  return config.source === 'path' ? locatePath(config, ctx) : locateFlake(config, cacheDirectory, ctx);
}
