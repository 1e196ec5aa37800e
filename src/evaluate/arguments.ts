/** What one start of nix-eval-jobs is asked to do. */
export interface EvaluatorRequest {
  program: string;
  /** nix/evaluate.nix and nix/apply.nix of this package. */
  expressionFile: string;
  applyFile: string;
  /** The JSON file with the request that evaluate.nix reads. */
  requestFile: string;
  workers: number;
  /** For one worker. */
  workerMiB: number;
  /** Names alone: neither metadata nor inputs. */
  names: boolean;
  /** The expression fetches a flake. */
  flake: boolean;
}

/** The command line of nix-eval-jobs: read-only, building nothing, writing no derivations. */
export function evaluatorCommand(request: EvaluatorRequest): [string, ...string[]] {
  const expression = `import ${nixString(request.expressionFile)} (builtins.fromJSON (builtins.readFile ${nixString(request.requestFile)}))`;
  return [
    request.program,
    '--workers',
    String(request.workers),
    '--max-memory-size',
    String(request.workerMiB),
    '--no-instantiate',
    '--impure',
    ...(request.names ? [] : ['--meta', '--apply', `import ${nixString(request.applyFile)}`]),
    '--option',
    'allow-import-from-derivation',
    'false',
    ...(request.flake ? ['--option', 'extra-experimental-features', 'nix-command flakes'] : []),
    '--expr',
    expression,
  ];
}

/** A string literal of the Nix language. */
export function nixString(text: string): string {
  return `"${text.replaceAll(/["\\]|\$\{/g, String.raw`\$&`)}"`;
}
