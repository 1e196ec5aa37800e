import type { InferredOptionTypes, Options } from 'yargs';
import { UsageError } from '../errors.ts';

/** The options that every command has. */
export const globalOptions = {
  config: {
    type: 'string',
    requiresArg: true,
    describe: 'Configuration file (default: fdnix.config.{yaml,yml,json} here, or $FDNIX_CONFIG)',
    coerce: lastOf('config'),
  },
  set: {
    type: 'string',
    array: true,
    requiresArg: true,
    default: [] as string[],
    defaultDescription: 'none',
    describe: 'Set a configuration key: key=value; may be repeated',
  },
  json: { type: 'boolean', default: false, describe: 'Print JSON' },
  quiet: { type: 'boolean', alias: 'q', default: false, describe: 'Tell warnings and errors alone' },
} as const satisfies Record<string, Options>;

export type GlobalArguments = Omit<InferredOptionTypes<typeof globalOptions>, 'config' | 'set'> & {
  config: string | undefined;
  set: string[];
};

/** yargs makes a list of an option that is repeated; where one value is wanted, two are a mistake. */
export function lastOf(name: string): (value: unknown) => string | undefined {
  return (value) => {
    if (Array.isArray(value)) throw new UsageError(`--${name} was given ${value.length} times and takes one value`);
    return typeof value === 'string' ? value : undefined;
  };
}
