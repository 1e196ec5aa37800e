import { jsonlReporter } from './jsonl.ts';
import { plainReporter } from './plain.ts';
import type { Reporter, Sink } from './reporter.ts';
import { terminalReporter } from './terminal.ts';

export interface ReporterOptions {
  /** Where events go as JSON, if they do. */
  json?: Sink | undefined;
  /** Warnings and errors alone. */
  quiet?: boolean | undefined;
  stderr: Sink;
  env: Record<string, string | undefined>;
}

/** The reporter that fits: JSON where asked for, progress that moves on a terminal, plain lines elsewhere. */
export function createReporter({ json, quiet, stderr, env }: ReporterOptions): Reporter {
  if (json !== undefined) return alsoTellErrors(jsonlReporter(json), stderr);
  const moves = stderr.isTTY === true && env['TERM'] !== 'dumb';
  const reporter = moves ? terminalReporter(stderr, { colour: isColourWanted(env) }) : plainReporter(stderr);
  if (quiet !== true) return reporter;
  return {
    ...reporter,
    report(event) {
      if (event.type === 'warning' || event.type === 'error') reporter.report(event);
    },
  };
}

/** A program reads the events; a person who looks at the terminal sees why it ended all the same. */
function alsoTellErrors(reporter: Reporter, stderr: Sink): Reporter {
  const plain = plainReporter(stderr);
  return {
    ...reporter,
    report(event) {
      reporter.report(event);
      if (event.type === 'error') plain.report(event);
    },
  };
}

/** See https://no-color.org. */
function isColourWanted(env: Record<string, string | undefined>): boolean {
  return env['NO_COLOR'] === undefined || env['NO_COLOR'] === '';
}
