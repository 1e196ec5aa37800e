# The unit and timer of the NixOS module under a real systemd, booted in a container: the indexer that was installed
# before indexes as the unit's own user behind the whole hardening, with a Nix daemon and an S3 server beside it, and
# publishes; Nix evaluates behind it too; a stop loses nothing and is no failure. What runs inside is
# .ci/rehearse/unit.sh.
. .ci/lib/nix-chroot.sh
nix_chroot
command -v systemd-nspawn >/dev/null || { apt-get update -q && apt-get install -y -q systemd-container; }
export PATH="$PATH:$HOME/go/bin"
command -v go >/dev/null || { apt-get update -q && apt-get install -y -q golang-go; }
command -v versitygw >/dev/null || GOTOOLCHAIN=auto go install github.com/versity/versitygw/cmd/versitygw@v1.8.0
installed=/srv/fdnix-installed
share="$(mktemp -d /var/tmp/fdnix-unit.XXXXXX)"
chmod 755 "$share"
trap 'rm -rf "$share"' EXIT

if [ -e "$installed/tools/nix-eval-jobs" ] || [ -L "$installed/tools/nix-eval-jobs" ]; then
  nixpkgs='{ "source": "path", "path": "/rehearse/mini-nixpkgs" }'
else
  echo 'no nix-eval-jobs at hand: the unit indexes the sample, and Nix alone evaluates'
  nixpkgs='{ "source": "jsonl", "path": "/rehearse/sample/nixpkgs-sample.jsonl" }'
fi
cat > "$share/config.json" <<CONFIG
{
  "nixpkgs": $nixpkgs,
  "output": { "path": "/var/lib/fdnix-indexer/fdnix-data.lancedb", "minifiedPath": "/var/lib/fdnix-indexer/fdnix.lancedb" },
  "aws": { "region": "us-east-1", "endpoints": { "s3": "http://127.0.0.1:7070" } },
  "s3": { "bucket": "search", "dataKey": "fdnix-data.lancedb", "minifiedKey": "fdnix.lancedb" },
  "metrics": { "textfile": "/var/lib/node-exporter-textfile/fdnix-indexer.prom" }
}
CONFIG
printf '[default]\naws_access_key_id = testing\naws_secret_access_key = testing-secret\n' > "$share/aws"
chmod 600 "$share/aws"
cp "$(command -v versitygw)" "$share/"
mkdir "$share/units"
in_nix_chroot nix eval --impure --raw --expr "(import ./nix/tests/pure.nix).unitOf {
  directory = \"$installed\";
  configFile = \"/rehearse/config.json\";
  credentials = \"/rehearse/aws\";
  metricsDirectory = \"/var/lib/node-exporter-textfile\";
}" > "$share/units/fdnix-indexer.service"
cp .ci/rehearse/nix-daemon.* "$share/units/"
sed -e 's/^OnCalendar=.*/OnCalendar=*:*:0\/2\nAccuracySec=1s/' -e '/^RandomizedDelaySec\|^Persistent/d' nix/tests/units/minimal.timer \
  > "$share/units/fdnix-indexer.timer"
cp .ci/rehearse/unit.sh "$share/"
cp -r sample tests/fixtures/mini-nixpkgs "$share/"

# A private mount namespace: nspawn's own mounts end with it. The root is a throw-away overlay over the chroot.
timeout -k 10 300 env SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 unshare -m systemd-nspawn --quiet \
  --directory="$FDNIX_CHROOT" --volatile=overlay --register=no --keep-unit --link-journal=no --private-network \
  --console=pipe --bind="$share:/rehearse" --bind-ro="$installed" \
  --bind-ro="$PWD/.ci/rehearse/rehearse.service:/etc/systemd/system/rehearse.service" \
  /usr/lib/systemd/systemd systemd.unit=rehearse.service systemd.log_level=warning < /dev/null || true
cat "$share/log" || true
[ "$(cat "$share/result" 2>/dev/null)" = passed ] || { echo 'the rehearsal of the unit failed' >&2; exit 1; }
