import yargs from 'yargs';
import { closest } from '../config/suggest.ts';
import { UsageError } from '../errors.ts';
import type { Command } from './define.ts';
import { globalOptions } from './global.ts';
import type { Runtime } from './runtime.ts';
import { toolVersion } from '../version.ts';

const program = 'fdnix-indexer';
/** What define.ts says of an option that is none. */
const notNumber = /^Not a number: (.*)$/;

/** Parses a command line and runs the command that it names; a wrong one is a UsageError. */
export async function parse(argv: readonly string[], commands: readonly Command[], runtime: Runtime): Promise<void> {
  const parser = yargs([])
    .scriptName(program)
    .usage('$0 <command>\n\nTurns a nixpkgs revision into a searchable LanceDB dataset.')
    .options(globalOptions)
    .version(toolVersion())
    .alias('help', 'h')
    .parserConfiguration({
      'greedy-arrays': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'camel-case-expansion': true,
    })
    .detectLocale(false)
    .locale('en')
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .strict()
    .demandCommand(1, 1)
    .exitProcess(false)
    .showHelpOnFail(false)
    .epilog('Exit codes: 0 done, 1 something that was asked for did not happen, 2 wrong usage or configuration.')
    .fail((message, error) => {
      // yargs hands over what a handler threw as well; those are not about the command line.
      const ours = error !== undefined && error !== null && error.name !== 'YError';
      if (ours && !notNumber.test(message ?? '')) throw error;
      throw new UsageError(explain(message ?? error?.message ?? '', argv, commands));
    });
  for (const command of commands) parser.command(command.module(runtime));
  await parser.parseAsync([...argv]);
}

/** yargs' own sentence made exact: which word it is about, what was meant, where help is. */
function explain(message: string, argv: readonly string[], commands: readonly Command[]): string {
  const { words, siblings, optionNames } = chosen(argv, commands);
  const help = `\`${[program, ...words, '--help'].join(' ')}\``;
  const unknown = /^Unknown (argument|command)s?: (.*)$/.exec(message)?.[2]?.split(', ') ?? [];
  if (unknown.length > 0) {
    const named = unknown.map((word) => nameUnknown(word, argv, siblings, optionNames));
    return `${[...new Set(named)].join('\n')}\n${help} lists what there is`;
  }
  const choice = /^Invalid values:\s+Argument: (\S+), Given: (.*), Choices: (.*)$/s.exec(message.trim());
  if (choice !== null) {
    const [, option, given, choices] = choice;
    return `--${option}: expected one of ${choices?.replaceAll('"', '')}, found ${given}; see ${help}`;
  }
  const [, numeric] = notNumber.exec(message) ?? [];
  if (numeric !== undefined) return `--${numeric}: expected a number, found ${valueOf(numeric, argv)}; see ${help}`;
  if (message.startsWith('Not enough non-option arguments')) {
    const what = siblings.length > 0 ? `a command is missing (${siblings.join(', ')})` : 'an argument is missing';
    return `${what}; see ${help}`;
  }
  return `${message.trim().replaceAll(/\s*\n\s*/g, ' ')}; see ${help}`;
}

/** What an option was given, as it stands on the command line. */
function valueOf(option: string, argv: readonly string[]): string {
  const place = argv.findIndex((word) => word === `--${option}` || word.startsWith(`--${option}=`));
  const [, joined] = argv[place]?.split('=') ?? [];
  return JSON.stringify(joined ?? argv[place + 1] ?? '');
}

function nameUnknown(word: string, argv: readonly string[], siblings: string[], optionNames: string[]): string {
  const dashed = argv.find(
    (argument) => argument.split('=')[0]?.replace(/^--?(no-)?/, '') === word && argument.startsWith('-'),
  );
  if (dashed === undefined) {
    const [meant] = closest(word, siblings);
    if (siblings.length === 0) return `unexpected argument "${word}"`;
    return `unknown command "${word}"${meant === undefined ? '' : `; did you mean ${meant}?`}`;
  }
  const [meant] = closest(word, optionNames);
  return `unknown option ${dashed.split('=')[0]}${meant === undefined ? '' : `; did you mean --${meant}?`}`;
}

/** The commands that a line names, as far as they exist, and what may follow them. */
function chosen(
  argv: readonly string[],
  commands: readonly Command[],
): { words: string[]; siblings: string[]; optionNames: string[] } {
  const words: string[] = [];
  let here = commands;
  let optionNames = [...Object.keys(globalOptions), 'help', 'version'];
  for (const word of argv) {
    const command = here.find(({ name }) => name === word);
    if (command === undefined) continue;
    words.push(word);
    here = command.subcommands;
    optionNames = command.optionNames;
  }
  return { words, siblings: here.map(({ name }) => name), optionNames };
}
