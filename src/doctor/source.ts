import { messageOf } from '../errors.ts';
import { cacheDirectoryOf } from '../phases/paths.ts';
import { locate } from '../source/live.ts';
import { evaluates, type Check } from './check.ts';

/** The package set: whether the tree is one, or the server knows the branch. Flakes are left alone, as asking fetches them. */
export const checkSource: Check = async (config, ctx) => {
  const { source } = config.nixpkgs;
  const name = 'package set';
  if (!evaluates(config) || (source !== 'git' && source !== 'path')) {
    return [{ name, status: 'ok', found: `${source}, looked at when it is read` }];
  }
  try {
    const cache = cacheDirectoryOf(config.cache, process.env);
    const located = await locate({ ...config.nixpkgs, source }, cache, { ...ctx, report: () => {} });
    return [{ name, status: 'ok', found: `${source} ${located.origin}` }];
  } catch (error) {
    ctx.signal.throwIfAborted();
    const [found = '', ...remedy] = messageOf(error).split('\n');
    return [{ name, status: 'problem', found, ...(remedy.length > 0 ? { remedy: remedy.join('\n') } : {}) }];
  }
};
