// What nixpkgs' importNpmLock makes of a lock whose entries carry `resolved`: package.json and package-lock.json with
// files in place of addresses. The tarballs come out of npm's own cache, where they lie by their integrity.
//
//   node npm-sources.mjs LOCK CACHE TARBALLS OUT
//
// LOCK is what nix/npm-lock.nix returned, CACHE an npm cache that `npm ci` has filled.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';

const [lockFile, cache, tarballs, out] = process.argv.slice(2);
const lock = JSON.parse(readFileSync(lockFile, 'utf8'));
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
mkdirSync(tarballs, { recursive: true });
mkdirSync(out, { recursive: true });

const packages = Object.fromEntries(Object.entries(lock.packages).map(([path, entry]) => [path, localize(entry)]));
const fetched = Object.values(packages).filter((entry) => entry.resolved !== undefined).length;
write('package-lock.json', { ...lock, packages });
write('package.json', {
  ...manifest,
  dependencies: locate(manifest.dependencies),
  devDependencies: locate(manifest.devDependencies),
});
process.stdout.write(`${fetched} tarballs of ${Object.keys(packages).length - 1} entries\n`);

/** An entry with its tarball's file as `resolved`, and without what importNpmLock drops. */
function localize({ funding: _funding, ...entry }) {
  return entry.resolved === undefined ? entry : { ...entry, resolved: `file:${tarball(entry)}` };
}

/** Copies a tarball out of the cache, checked against the lock's integrity. */
function tarball({ resolved, integrity }) {
  const [algorithm, digest] = integrity.split(/-(.*)/s);
  const hex = Buffer.from(digest, 'base64').toString('hex');
  const source = join(cache, '_cacache/content-v2', algorithm, hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
  // What only another platform's optional package asks for, npm has not installed here.
  if (!existsSync(source)) execFileSync('npm', ['cache', 'add', resolved, '--cache', cache], { stdio: 'inherit' });
  const found = createHash(algorithm).update(readFileSync(source)).digest('base64');
  if (found !== digest) throw new Error(`${resolved} has integrity ${algorithm}-${found}, not ${integrity}`);
  const target = join(tarballs, `${hex.slice(0, 32)}-${basename(resolved)}`);
  copyFileSync(source, target);
  return target;
}

function locate(dependencies) {
  return Object.fromEntries(
    Object.keys(dependencies).map((name) => {
      const { resolved } = packages[`node_modules/${name}`];
      if (resolved === undefined) throw new Error(`${name} has no tarball for this platform`);
      return [name, resolved];
    }),
  );
}

function write(name, value) {
  writeFileSync(join(out, name), JSON.stringify(value));
}
