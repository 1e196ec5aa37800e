import { KnownError } from '../errors.ts';
import { run, type RunOptions } from '../process/run.ts';
import { parseJobLine } from './job-line.ts';

/** What to do about a nix-eval-jobs that is missing or too old. */
export const evaluatorRemedy =
  'Install nix-eval-jobs 2.31 or newer (nixpkgs#nix-eval-jobs), or run the packaged fdnix-indexer, which brings its own.';
/** What to do where it is there and evaluates nothing. */
export const storeRemedy =
  'Check that the Nix store can be opened (`nix store info`), or set NIX_REMOTE to one that can.';
const neededFlags = ['--apply', '--meta', '--no-instantiate', '--max-memory-size', '--workers', '--expr', '--impure'];

/** What the probe does takes a second; a store that others lock or a daemon that hangs lets it wait for ever. */
const defaultProbeMs = 120_000;

/** Makes sure that nix-eval-jobs is there, knows the flags that are needed and can evaluate; returns its Nix's version. */
export async function probeEvaluator(
  program: string,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
  probeMs = defaultProbeMs,
): Promise<string> {
  const limit = AbortSignal.timeout(probeMs);
  try {
    return await probe(program, {
      env: environment,
      signal: AbortSignal.any([signal, limit]),
      remedy: evaluatorRemedy,
    });
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error;
    throw new KnownError(
      `${program} cannot evaluate anything here: it gave no answer for ${probeMs / 1000} seconds. ${storeRemedy}`,
      { cause: error },
    );
  }
}

async function probe(program: string, options: RunOptions): Promise<string> {
  const help = await run([program, '--help'], options);
  const missing = neededFlags.filter((flag) => !new RegExp(`^\\s*${flag}\\s`, 'm').test(help.stdout));
  if (missing.length > 0) {
    const found = help.code === 0 ? `It lacks ${missing.join(', ')}.` : `--help failed: ${help.stderr.trim()}.`;
    throw new KnownError(`${program} cannot be used: ${found} ${evaluatorRemedy}`);
  }
  // It has no --version; an evaluation of next to nothing also shows whether the store can be opened.
  const expression = '{ v = derivation { name = builtins.nixVersion; system = "none"; builder = "none"; }; }';
  const args = ['--workers', '1', '--no-instantiate', '--impure', '--expr', expression];
  const { stdout, stderr } = await run([program, ...args], options);
  const line = stdout.trim();
  if (parseJobLine(line)?.failed !== false) {
    throw new KnownError(`${program} cannot evaluate anything here:\n${(stderr || stdout).trim()}\n${storeRemedy}`);
  }
  const job: { name?: unknown } = JSON.parse(line);
  return String(job.name);
}
