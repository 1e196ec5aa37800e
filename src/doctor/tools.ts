import { messageOf } from '../errors.ts';
import { asksDaemon, evaluatorEnvironment } from '../process/nix-environment.ts';
import { evaluatorRemedy, probeEvaluator, storeRemedy } from '../evaluate/probe.ts';
import { run } from '../process/run.ts';
import { evaluates, missing, type Check, type Finding } from './check.ts';

/** Oldest Nix that evaluates today's nixpkgs (its lib/minver.nix says so). */
const leastNix = [2, 18] as const;
const nixRemedy = 'Install Nix 2.24 or newer from https://nixos.org/download; flakes as a source need it.';
const gitRemedy = 'Install git (nixpkgs#gitMinimal); `nixpkgs.source: git` needs it.';

/** Node, which runs all of this. */
export const checkNode: Check = async () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const enough = major > 22 || (major === 22 && minor >= 15);
  const found = `${process.versions.node} (${process.platform} ${process.arch})`;
  return [
    enough
      ? { name: 'node', status: 'ok', found }
      : { name: 'node', status: 'problem', found, remedy: 'Use Node 22.15 or newer.' },
  ];
};

/**
 * nix-eval-jobs: whether it is there, has the flags and evaluates. That leaves no traces: a daemon is asked as a run would, in
 * place of a store that this process would open itself stands one that holds nothing.
 */
export const checkEvaluator: Check = async (config, { signal }) => {
  const own = evaluatorEnvironment(process.env, '');
  const environment = asksDaemon(own) ? own : { ...own, NIX_REMOTE: 'dummy://' };
  const name = 'nix-eval-jobs';
  try {
    const version = await probeEvaluator(name, environment, signal);
    return [{ name, status: 'ok', found: `with Nix ${version}, all flags that are needed` }];
  } catch (error) {
    const message = messageOf(error);
    const remedy = message.endsWith(storeRemedy) ? storeRemedy : evaluatorRemedy;
    const found = message.replace(remedy, '').trim().replace(/\.$/, '');
    return [missing(evaluates(config), { name, found, remedy })];
  }
};

/** nix itself, which resolves flakes. */
export const checkNix: Check = async (config, { signal }) => {
  const needed = evaluates(config) && config.nixpkgs.source === 'flake';
  const finding = await versionOf('nix', ['--version'], needed, nixRemedy, signal);
  const [, major, minor] = /(\d+)\.(\d+)/.exec(finding.found) ?? [];
  if (finding.status !== 'ok' || major === undefined) return [finding];
  const enough = Number(major) > leastNix[0] || (Number(major) === leastNix[0] && Number(minor) >= leastNix[1]);
  return [enough ? finding : missing(needed, { ...finding, remedy: nixRemedy })];
};

/** git, which fetches the revision. */
export const checkGit: Check = async (config, { signal }) => {
  const needed = evaluates(config) && config.nixpkgs.source === 'git';
  return [await versionOf('git', ['--version'], needed, gitRemedy, signal)];
};

async function versionOf(
  name: string,
  args: string[],
  needed: boolean,
  remedy: string,
  signal: AbortSignal,
): Promise<Finding> {
  try {
    const { code, stdout, stderr } = await run([name, ...args], { signal, remedy });
    if (code === 0) return { name, status: 'ok', found: stdout.trim().split('\n')[0] ?? '' };
    return missing(needed, { name, found: `exit code ${code}: ${stderr.trim()}`, remedy });
  } catch (error) {
    return missing(needed, { name, found: firstLine(error), remedy });
  }
}

/** The finding without the remedy that the message ends in. */
function firstLine(error: unknown): string {
  return (messageOf(error).split('\n')[0] ?? '').replace(/\. Install .*$/, '');
}
