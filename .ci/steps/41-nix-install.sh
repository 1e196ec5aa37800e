# The Nix build of the package, rehearsed without Nix's sandbox and with the real npm: the lock as nix/npm-lock.nix
# returns it, tarballs as files, no network, no install scripts; build, unit tests, prune, install; then the installed
# program, in a read-only tree and as another user, indexes the sample.
. .ci/lib/nix-chroot.sh
nix_chroot
for tool in jq unshare; do
  command -v "$tool" >/dev/null || { apt-get update -q && apt-get install -y -q jq util-linux; }
done

# The steps that rehearse the image and the unit run what is installed here. With FDNIX_NIX_EVAL_JOBS (a nix-eval-jobs,
# as a path inside the chroot of .ci/lib/nix-chroot.sh) they evaluate the mini-nixpkgs as well.
installed=/srv/fdnix-installed
rm -rf "$installed"
work="$(mktemp -d /var/tmp/fdnix-install.XXXXXX)"
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
node="$(readlink -f node_modules/node/bin/node)"
npm="$(command -v npm)"
registry="$(npm config get registry 2>/dev/null | sed 's|/*$||')"

case "$(uname -m)" in
  x86_64) cpu=x64 ;;
  aarch64) cpu=arm64 ;;
esac

echo '-- the lock, as Nix sees it'
in_nix_chroot nix eval --impure --json --expr "
  import ./nix/npm-lock.nix {
    registry = \"$registry\";
    platform = { os = \"linux\"; cpu = \"$cpu\"; libc = \"glibc\"; };
  } (builtins.fromJSON (builtins.readFile ./package-lock.json))" > "$work/lock.json"

echo "-- npm's cache, filled for this platform"
mkdir "$work/fetch"
cp package.json package-lock.json .npmrc "$work/fetch/"
(cd "$work/fetch" && npm ci --ignore-scripts --cache "$work/cache" --loglevel=error)
rm -rf "$work/fetch"
"$node" .ci/lib/npm-sources.mjs "$work/lock.json" "$work/cache" "$work/tarballs" "$work/sources"
rm -rf "$work/cache"

echo '-- the sandbox: no network, an empty home, sources without what is not tracked'
mkdir "$work/build" "$work/home" "$work/bin"
git ls-files -z | grep -zvE '^(\.ci|flake\.|nix/(image|module|tests)/|nix/(checks|dev-shell|formatter|npm-lock|overlay|package)\.nix|nix/prune\.sh)' |
  xargs -0 cp --parents -t "$work/build"
ln -s "$node" "$work/bin/node"
ln -s "$npm" "$work/bin/npm"

sandboxed() {
  unshare -n bash -euo pipefail -c 'ip link set lo up 2>/dev/null || true; cd "$1/build"; shift; "$@"' bash "$work" \
    env -i HOME="$work/home" TMPDIR="$work/home" PATH="$work/bin:/usr/bin:/bin" "$@"
}

# As importNpmLock's hook does it.
cat > "$work/configure" <<'CONFIGURE'
npm config set offline true
npm config set progress false
npm config set fund false
mv package.json .package.json.orig
mv package-lock.json .package-lock.json.orig
cp --no-preserve=mode "$1/sources/package.json" "$1/sources/package-lock.json" .
npm install --ignore-scripts
npm rebuild --ignore-scripts
mv .package.json.orig package.json
mv .package-lock.json.orig package-lock.json
CONFIGURE
sandboxed bash -euo pipefail "$work/configure" "$work"
[ ! -e "$work/build/node_modules/node/bin/node" ] || { echo 'an install script ran' >&2; exit 1; }

echo '-- build, tests, install'
sandboxed npm run build
sandboxed npm run test:unit
package="$installed/lib/node_modules/fdnix-indexer"
sandboxed npm pack --json --dry-run --loglevel=warn --no-foreground-scripts --cache "$work/home/.npm" |
  jq --raw-output '.[0].files[].path' | grep -v '^node_modules/' > "$work/files"
mkdir -p "$package"
(cd "$work/build" && xargs cp --parents -t "$package" < "$work/files")
sandboxed npm prune --omit=dev --no-save
cp -r "$work/build/node_modules" "$package/"
. nix/prune.sh
prune_foreign "$package" linux "$cpu"
rm -rf "$work/build" "$work/tarballs"
du -sh "$installed"

echo '-- the installed program, read-only, as nobody, without network'
mkdir "$installed/bin"
cp "$node" "$installed/bin/node"
cat > "$installed/bin/fdnix-indexer" <<WRAPPER
#!/bin/sh
PATH=$installed/tools:\$PATH exec $installed/bin/node $package/dist/cli.js "\$@"
WRAPPER
mkdir "$installed/tools"
ln -s /usr/bin/git /usr/bin/nix ${FDNIX_NIX_EVAL_JOBS:-} "$installed/tools/"
chmod +x "$installed/bin/fdnix-indexer"
chmod -R a-w "$installed"
mkdir -m 777 "$work/run"
cp sample/nixpkgs-sample.jsonl sample/references.json "$work/run/"
run_installed() {
  unshare -n setpriv --reuid=65534 --regid=65534 --clear-groups env -i -C "$work/run" HOME="$work/run" \
    PATH=/usr/bin:/bin "$installed/bin/fdnix-indexer" "$@"
}
run_installed --version
run_installed run --set nixpkgs.source=jsonl --set nixpkgs.path=nixpkgs-sample.jsonl \
  --set nixpkgs.references=references.json --set nixpkgs.systems='["x86_64-linux"]' --json > "$work/run/events.jsonl"
tail -n 1 "$work/run/events.jsonl"
[ "$(run_installed search ripgrep --json | jq -r '.hits[0].attribute_path')" = ripgrep ]
