import { run, type RunResult } from '../process/run.ts';

const remedy = 'Install git (nixpkgs#gitMinimal), or use `nixpkgs.source: path` with a tree that is here already.';

/** Runs git without asking anybody anything, and without the user's configuration changing what it does. */
export function git(
  args: readonly string[],
  signal: AbortSignal,
  environment: NodeJS.ProcessEnv = {},
): Promise<RunResult> {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    LC_ALL: 'C',
    ...environment,
  };
  // A repository's own variables (set in hooks, for instance) would redirect us.
  for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE']) if (!(name in environment)) delete env[name];
  return run(['git', ...args], { env, signal, remedy });
}
