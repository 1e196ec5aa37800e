# Relevance over the whole recording: no kind of query may fall below its baseline, and both datasets give the same hits.
recording=../shared/data/nixpkgs-2026-07-14.x86_64-linux.jsonl.zst
references=../shared/data/nixpkgs-2026-07-14.references.json
if [ ! -e "$recording" ]; then
  if [ -n "${CI:-}" ]; then
    echo "relevance: $recording is not there" >&2
    exit 1
  fi
  echo "relevance: skipped, $recording is not there"
  exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
node --import tsx src/cli.ts run --mode both --set embedding.provider=none --set nixpkgs.source=jsonl \
  --set "nixpkgs.path=$recording" --set "nixpkgs.references=$references" \
  --set "output.path=$folder/main.lancedb" --set "output.minifiedPath=$folder/minified.lancedb"
node --import tsx bench/relevance/run.ts "$folder/main.lancedb" --check --against "$folder/minified.lancedb"
node --import tsx bench/search-speed.ts "$folder/minified.lancedb"
