import { codeOf, KnownError } from '../errors.ts';

/** An error of writing to the cache as a KnownError with the remedy where it is one of the disk; any other as it is. */
export function cacheError(directory: string, error: unknown): unknown {
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new KnownError(
      `${directory}: the disk is full; what is there is kept. Make room, or set cache.path to another disk, and run again`,
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR') {
    return new KnownError(`${directory} cannot be written (${code}). Set cache.path to a directory of yours.`);
  }
  return error;
}
