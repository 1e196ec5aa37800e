import type { JobStream } from '../model.ts';
import { linesOf, readBytes } from './lines.ts';

/**
 * Recorded output of nix-eval-jobs, one file a system, plain or compressed (`.gz`, `.zst`, `.br`), `-` for standard
 * input. `systems[i]` is the system of `paths[i]` where it is known.
 */
export function openRecordings(
  paths: readonly string[],
  systems: readonly string[],
  { signal }: { signal: AbortSignal },
): JobStream[] {
  return paths.map((path, index) => ({
    system: systems.length === paths.length ? (systems[index] ?? null) : null,
    origin: path === '-' ? 'standard input' : path,
    lines: linesOf(readBytes(path, signal)),
  }));
}
