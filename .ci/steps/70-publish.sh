# Publishing against S3 servers that others wrote: versitygw (Go) and moto (Python), both with conditional writes.
# 1. every fault in front of both; 2. readers in a loop during 20 publications of 10,000 rows with publishers that are killed and requests that fail;
# 3. all of nixpkgs published, searched on S3, downloaded, as a layer, and its next day; 4. throughput relative to a bare copy.
export PATH="$PATH:$HOME/go/bin:$HOME/.local/bin"
command -v go >/dev/null || { apt-get update -q && apt-get install -y -q golang-go; }
command -v python3 >/dev/null || { apt-get update -q && apt-get install -y -q python3 python3-venv; }
command -v versitygw >/dev/null || GOTOOLCHAIN=auto go install github.com/versity/versitygw/cmd/versitygw@v1.8.0
if ! command -v moto_server >/dev/null; then
  tools="$(mktemp -d)"
  python3 -m venv "$tools/moto" || { apt-get update -q && apt-get install -y -q python3-venv && python3 -m venv "$tools/moto"; }
  "$tools/moto/bin/pip" install -q 'moto[server]'
  export PATH="$tools/moto/bin:$PATH"
fi

CI=1 node --import tsx --test --test-timeout=600000 tests/publish/dataset.test.ts tests/publish/faults.test.ts tests/publish/layer.test.ts tests/publish/permissions.test.ts
FDNIX_LONG_TESTS=1 node --import tsx --test --test-timeout=900000 --test-concurrency=1 tests/publish/readers.test.ts tests/publish/nixpkgs.test.ts
node --import tsx bench/sync.ts
