import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describeOrigin } from '../config/problem.ts';
import { leavesOf, schema, schemaText } from '../config/schema.ts';
import { renderTable } from '../config/table.ts';
import { KnownError } from '../errors.ts';
import { defineCommand } from './define.ts';

const init = defineCommand({
  command: 'init [file]',
  describe: 'Write a configuration file with every key, its meaning and its default',
  positionals: {
    file: { type: 'string', describe: 'File to write', default: 'fdnix.config.yaml' },
  },
  options: {
    force: { type: 'boolean', default: false, describe: 'Write over a file that is there' },
    stdout: { type: 'boolean', default: false, describe: 'Print it instead' },
  },
  async run({ file, force, stdout }, { cwd, print, report }) {
    const { renderTemplate } = await import('../config/template.ts');
    const text = renderTemplate();
    if (stdout) return print(text);
    const path = resolve(cwd, file);
    if (existsSync(path) && !force) throw new KnownError(`${file} is there already; --force writes over it`);
    try {
      await writeFile(path, text, { flag: force ? 'w' : 'wx' });
    } catch (error) {
      throw new KnownError(`${file} cannot be written`, { cause: error });
    }
    report({ type: 'info', message: `wrote ${file}: all keys are commented out and have their defaults` });
  },
});

const check = defineCommand({
  command: 'check',
  describe: 'Check the configuration and exit 2 where it is wrong',
  async run({ json }, { load, printJson, report }) {
    const { file, warnings } = await load();
    if (json) return printJson({ valid: true, file, warnings });
    report({ type: 'info', message: `${file ?? 'no configuration file: the defaults'}: valid` });
  },
});

const show = defineCommand({
  command: 'print',
  describe: 'Print the configuration in force, and where each value came from',
  async run({ json }, { load, print, printJson }) {
    const { config, file, origins } = await load();
    if (json) {
      const named = [...origins].map(([key, origin]) => [key, describeOrigin(origin)]);
      return printJson({ file, config, origins: Object.fromEntries(named) });
    }
    const { renderResolved } = await import('../config/resolved.ts');
    return print(renderResolved(config, origins));
  },
});

const schemaCommand = defineCommand({
  command: 'schema',
  describe: 'Print the JSON schema of the configuration',
  options: { table: { type: 'boolean', default: false, describe: 'Print the keys as a Markdown table' } },
  run: ({ table }, { print }) => print(table ? `${renderTable(schema)}\n` : schemaText),
});

const fromEnv = defineCommand({
  command: 'from-env',
  describe: "Print a configuration made of the Python system's environment variables",
  async run({ json }, { env, print, printJson, report }) {
    const { fromEnvironment } = await import('../config/from-environment.ts');
    const { text, tree, warnings } = fromEnvironment(env);
    for (const message of warnings) report({ type: 'warning', message });
    return json ? printJson(tree) : print(text);
  },
});

/** `config`: everything about the configuration that needs no dataset. */
export const config = defineCommand({
  command: 'config',
  describe: `Work with the configuration (${leavesOf().length} keys)`,
  commands: [init, check, show, schemaCommand, fromEnv],
  examples: [['$0 config print --set mode=metadata', 'What would be in force, and why']],
});
