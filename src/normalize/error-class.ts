// Ordered: the first that matches names the class.
const classes: [RegExp, string][] = [
  [/infinite recursion/, 'infinite-recursion'],
  [/stack overflow|max-call-depth/, 'stack-overflow'],
  [/out of memory|memory limit|was killed|worker .*(died|exited)/i, 'evaluator'],
  [/import-from-derivation|allow-import-from-derivation/, 'import-from-derivation'],
  [/attribute '.*' missing/, 'missing-attribute'],
  [/called without required argument|has an argument without a value|unexpected argument/, 'argument'],
  [/not supported for interpreter|unsupported (configuration|system|platform)|not supported on/i, 'unsupported'],
  [/requires license acceptance|has an unfree license/i, 'unfree'],
  [/known security vulnerabilities|is marked as insecure/i, 'insecure'],
  [/is marked as broken/i, 'broken'],
  [/assertion .*failed/i, 'assertion'],
  [/evaluation aborted/, 'abort'],
  [/undefined variable|syntax error/, 'syntax'],
  [/(is not|while a|expected) (a|an) (set|list|string|function|integer|Boolean)|cannot coerce|cannot convert/i, 'type'],
  [/does not have valid outputs|derivation/, 'derivation'],
];

/**
 * The class of an evaluation error, from the last `error:` line of what Nix printed, which is the innermost reason.
 * `throw` where nothing more particular is known.
 */
export function errorClass(message: string): string {
  const last = message.lastIndexOf('error: ');
  const reason = last < 0 ? message : message.slice(last);
  return classes.find(([pattern]) => pattern.test(reason))?.[1] ?? 'throw';
}
