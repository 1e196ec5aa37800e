import type { JobStream } from '../model.ts';
import { lineBlocks, readBytes } from './lines.ts';

/**
 * Recorded output of nix-eval-jobs, one file a system, plain or compressed (`.gz`, `.zst`, `.br`), `-` for standard
 * input. Which system a file is for, its lines tell.
 */
export function openRecordings(paths: readonly string[], { signal }: { signal: AbortSignal }): JobStream[] {
  return paths.map((path) => {
    const origin = path === '-' ? 'standard input' : path;
    return { system: null, origin, lines: lineBlocks(readBytes(path, signal), origin) };
  });
}
