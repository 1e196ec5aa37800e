import { run, type RunResult } from '../process/run.ts';

const remedy = 'Install git (nixpkgs#gitMinimal), or use `nixpkgs.source: path` with a tree that is here already.';

interface GitOptions {
  environment?: NodeJS.ProcessEnv;
  /** It ends with this process, however that ends: for what writes. */
  leashed?: boolean;
}

/** Runs git without asking anybody anything, without writing to a repository that is only looked at, and without waiting for ever. */
export function git(
  args: readonly string[],
  signal: AbortSignal,
  { environment = {}, leashed = false }: GitOptions = {},
): Promise<RunResult> {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GIT_OPTIONAL_LOCKS: '0',
    // A server that says nothing: seconds below so many bytes a second.
    GIT_HTTP_LOW_SPEED_LIMIT: '1',
    GIT_HTTP_LOW_SPEED_TIME: process.env['GIT_HTTP_LOW_SPEED_TIME'] ?? '120',
    LC_ALL: 'C',
    ...environment,
  };
  // A repository's own variables (set in hooks, for instance) would redirect us.
  for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE']) if (!(name in environment)) delete env[name];
  return run(['git', ...args], { env, signal, remedy, leashed });
}
