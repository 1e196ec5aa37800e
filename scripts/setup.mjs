// Installs what package-lock.json names where that has not happened yet, so that `npm start` and `npm test` work on a
// fresh clone. Plain JavaScript without imports of packages: it runs before any is there, on whichever Node there is.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';

const stamp = 'node_modules/.fdnix-setup';
const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  process.stderr.write('installing dependencies (npm ci) …\n');
  const result = spawnSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    process.stderr.write(
      'npm ci failed; see its messages above. Node 22.15 or newer and a reachable registry are needed.\n',
    );
    process.exit(result.status ?? 1);
  }
  writeFileSync(stamp, wanted);
}
