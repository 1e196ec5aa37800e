import type { Argv, CommandModule, InferredOptionTypes, Options, PositionalOptions } from 'yargs';
import type { FlagValue, LoadedConfig } from '../config/load.ts';
import type { Report } from '../report/event.ts';
import { globalOptions } from './global.ts';
import type { GlobalArguments } from './global.ts';
import { print } from './runtime.ts';
import type { Runtime } from './runtime.ts';

/** What a command works with. */
export interface CommandContext {
  report: Report;
  /** Aborted by SIGINT and SIGTERM. */
  signal: AbortSignal;
  cwd: string;
  env: Record<string, string | undefined>;
  /** Loads and checks the configuration; `flags` are those of the command that set a key. Warnings are reported. */
  load: (flags?: FlagValue[]) => Promise<LoadedConfig>;
  /** Writes data to stdout. */
  print: (text: string) => Promise<void>;
  /** Writes one JSON value to stdout. */
  printJson: (value: unknown) => Promise<void>;
}

type Declared<O extends Record<string, Options>, P extends Record<string, PositionalOptions>> = InferredOptionTypes<O> &
  InferredOptionTypes<P> &
  GlobalArguments;

/** A command as its file declares it. A failure is thrown: KnownError for what is the user's to mend. */
export interface CommandSpec<O extends Record<string, Options>, P extends Record<string, PositionalOptions>> {
  /** Name and positionals in yargs' notation: `show <attribute>`. */
  command: string;
  describe: string;
  options?: O;
  positionals?: P;
  examples?: [command: string, meaning: string][];
  /** Commands beneath this one. */
  commands?: Command[];
  /** Whether `--json` makes stdout a stream of events, rather than one object that the command prints. */
  jsonEvents?: boolean;
  run?: (args: Declared<O, P>, context: CommandContext) => Promise<void>;
}

/** A command that main.ts registers. */
export interface Command {
  /** Names of all its options, for suggestions. */
  optionNames: string[];
  subcommands: Command[];
  name: string;
  module: (runtime: Runtime) => CommandModule;
}

/** Makes a command; see any file in this folder for how it is used. */
export function defineCommand<O extends Record<string, Options>, P extends Record<string, PositionalOptions>>(
  spec: CommandSpec<O, P>,
): Command {
  const subcommands = spec.commands ?? [];
  return {
    name: spec.command.split(' ')[0] ?? '',
    optionNames: [...Object.keys(globalOptions), ...Object.keys(spec.options ?? {}), 'help', 'version'],
    subcommands,
    module: (runtime) => ({
      command: spec.command,
      describe: spec.describe,
      builder: (yargs) => build(yargs, spec, runtime),
      handler: async (args) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- yargs parsed them by these very options
        const declared = args as unknown as Declared<O, P>;
        await spec.run?.(declared, contextOf(runtime, declared, spec.jsonEvents === true));
      },
    }),
  };
}

function build<O extends Record<string, Options>, P extends Record<string, PositionalOptions>>(
  yargs: Argv,
  spec: CommandSpec<O, P>,
  runtime: Runtime,
): Argv {
  for (const [name, options] of Object.entries(spec.positionals ?? {})) yargs.positional(name, options);
  yargs.options(spec.options ?? {});
  yargs.check((args) => {
    const numbers = Object.entries(spec.options ?? {}).filter(([, { type }]) => type === 'number');
    const [wrong] = numbers.find(([name]) => Number.isNaN(args[name])) ?? [];
    return wrong === undefined ? true : `Not a number: ${wrong}`;
  });
  for (const [command, meaning] of spec.examples ?? []) yargs.example(command, meaning);
  for (const command of spec.commands ?? []) yargs.command(command.module(runtime));
  if (spec.run === undefined) yargs.demandCommand(1, 1);
  return yargs;
}

function contextOf(runtime: Runtime, args: GlobalArguments, jsonEvents: boolean): CommandContext {
  const { cwd, env, signal, stdout } = runtime;
  const reporter = runtime.useReporter({ json: args.json && jsonEvents, quiet: args.quiet });
  const { report } = reporter;
  async function printBelow(text: string): Promise<void> {
    // Progress goes first: its lines would be erased later, and data with them.
    reporter.close();
    await print(stdout, text);
  }
  return {
    report,
    signal,
    cwd,
    env,
    async load(flags = []) {
      // Parsers and validators are for those who need them: help and versions come without.
      const { loadConfig } = await import('../config/load.ts');
      const loaded = await loadConfig({
        configFile: args.config ?? (env['FDNIX_CONFIG'] || undefined),
        sets: args.set,
        flags,
        cwd,
        env,
      });
      for (const message of loaded.warnings) report({ type: 'warning', message });
      return loaded;
    },
    print: printBelow,
    printJson: (value) => printBelow(`${JSON.stringify(value, null, 2)}\n`),
  };
}
