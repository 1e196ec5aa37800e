const plain = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** A command line as a person would type it into a shell: what a log shows can be run again. */
export function quoteCommand(command: readonly string[]): string {
  return command.map(quoteArgument).join(' ');
}

function quoteArgument(argument: string): string {
  return plain.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
