# PyPI's lancedb reads both datasets, of the sample and (where the recorded evaluations are beside the repository) of all of
# nixpkgs: every column, its documented type, counts that fit together, full-text search.
command -v python3 >/dev/null && python3 -m venv --help >/dev/null 2>&1 || { apt-get update -q && apt-get install -y -q python3-venv; }
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q lancedb pyarrow

index() { # NAME RECORDING
  node --import tsx src/cli.ts run --mode both --quiet --set nixpkgs.source=jsonl --set nixpkgs.path="$2" \
    --set embedding.provider=none --set output.path="$work/$1.lancedb" --set output.minifiedPath="$work/$1-mini.lancedb"
  "$work/venv/bin/python" tests/ci/read_dataset.py "$work/$1.lancedb" "$work/$1-mini.lancedb"
}
index sample sample/nixpkgs-sample.jsonl
recording=../shared/data/nixpkgs-2026-07-14.x86_64-linux.jsonl.zst
if [ -e "$recording" ]; then index nixpkgs "$recording"; else echo "skipped: no recorded evaluation beside the repository"; fi
