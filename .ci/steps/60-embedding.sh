# Embedding against the simulator of Bedrock and an S3 server that others wrote: boto3 and botocore's models against the simulator,
# every bad outcome, 20 kills at random moments with faults in a fifth of all calls, and, where the recorded evaluations are
# beside the repository, all of nixpkgs and its next day.
python3 -c 'import boto3' 2>/dev/null || pip install --quiet boto3 || pip install --quiet --break-system-packages boto3
export PATH="$PATH:$HOME/go/bin"
if ! command -v versitygw moto_server >/dev/null; then
  if command -v go >/dev/null; then
    GOBIN="$HOME/go/bin" go install github.com/versity/versitygw/cmd/versitygw@latest
  else
    pip install --quiet 'moto[server]' || pip install --quiet --break-system-packages 'moto[server]'
  fi
fi
FDNIX_LONG_TESTS=1 node --import tsx --test --test-timeout=1500000 tests/simulator/*.test.ts tests/embed/bedrock/*.test.ts tests/pipeline/embedding.test.ts
