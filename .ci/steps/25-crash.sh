# Whole runs killed at every rename, link and unlink under their output directory, and at twenty random moments; then a full
# disk and directories that cannot be written. Manifests are among them: Lance writes one beside its name and links it there.
# kill-at counts calls over all threads; that it misses none is held against strace.
for tool in cc strace setpriv; do
  command -v "$tool" >/dev/null || { apt-get update -q && apt-get install -y -q gcc libc6-dev strace util-linux; }
done
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cc -Wall -Wextra -Werror -O1 -o "$work/kill-at" tests/ci/kill-at.c
npm run -s build

echo '-- kill-at sees what strace sees'
node="$(readlink -f node_modules/node/bin/node)"
run=("$node" dist/cli.js run --mode both --quiet --set nixpkgs.source=jsonl --set nixpkgs.path=sample/nixpkgs-sample.jsonl
  --set embedding.provider=none --set output.path="$work/out/data.lancedb" --set output.minifiedPath="$work/out/mini.lancedb")
# Two indexes that are made at a time may want the same version of their table, and one of them then tries again: runs differ
# in how often. So the names are compared, without the parts drawn by lot and without the names that such a try makes and removes.
names() {
  sed -E 's/[0-9a-f]{8}-[0-9a-f-]{27}/ID/; s#/[01]{24}[0-9a-f]+\.lance$#/ID.lance#' |
    grep -v -E '/_transactions/|\.manifest#[0-9]+$' | sort -u
}
"$work/kill-at" 0 "$work/out/" "$work/calls" "${run[@]}"
names < "$work/calls" > "$work/seen-by-kill-at"
rm -rf "$work/out"
strace -f --seccomp-bpf -qq -s 4096 -o "$work/trace" -e trace=%file "${run[@]}"
grep -E '^[0-9]+ +(rename|link|symlink|unlink|rmdir)(at2?)?\(' "$work/trace" | grep -F "$work/out/" |
  sed -E 's/^[0-9]+ +(rename|link|symlink|unlink|rmdir)(at2?)?\(.*"([^"]*)".*/\1 \3/' | names > "$work/seen-by-strace"
wc -l < "$work/seen-by-kill-at"
diff "$work/seen-by-kill-at" "$work/seen-by-strace"

KILL_AT="$work/kill-at" node --import tsx --test --test-timeout=1200000 tests/ci/crash.ts
node --import tsx --test --test-timeout=600000 tests/ci/disk.ts
