// npm drops integrities from package-lock.json when packages are added over an existing node_modules while
// `omit-lockfile-registry-resolved` is set. This asks the registry for those that are missing and writes them back;
// without them nothing that is installed would be checked, and the Nix build has nothing to fetch by.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';

const file = 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8'));
let filled = 0;

for (const [path, entry] of Object.entries(lock.packages)) {
  if (path === '' || entry.link || entry.inBundle || entry.integrity !== undefined) continue;
  const name = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const integrity = integrityOf(`${name}@${entry.version}`);
  const { version, ...rest } = entry;
  lock.packages[path] = { version, integrity, ...rest };
  filled += 1;
}

writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stderr.write(`${filled} integrities filled in\n`);

function integrityOf(spec) {
  const text = execFileSync('npm', ['view', spec, 'dist.integrity', '--json'], { encoding: 'utf8' });
  const integrity = JSON.parse(text);
  if (typeof integrity !== 'string') throw new Error(`the registry has no integrity for ${spec}`);
  return integrity;
}
