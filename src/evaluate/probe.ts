import { KnownError } from '../errors.ts';
import { run } from '../process/run.ts';

const remedy =
  'Install nix-eval-jobs 2.31 or newer (nixpkgs#nix-eval-jobs), or run the packaged fdnix-indexer, which brings its own.';
const neededFlags = ['--apply', '--meta', '--no-instantiate', '--max-memory-size', '--workers', '--expr', '--impure'];

/** Makes sure that nix-eval-jobs is there and knows the flags that are needed. */
export async function probeEvaluator(
  program: string,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  const { stdout, stderr, code } = await run([program, '--help'], { env: environment, signal, remedy });
  const missing = neededFlags.filter((flag) => !new RegExp(`^\\s*${flag}\\s`, 'm').test(stdout));
  if (missing.length === 0) return;
  const found =
    code === 0 ? `It lacks ${missing.join(', ')}.` : `--help ended with exit code ${code}: ${stderr.trim()}`;
  throw new KnownError(`${program} cannot be used: ${found} ${remedy}`);
}
