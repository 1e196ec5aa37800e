# Everything of the flake that can be evaluated without nixpkgs, with the Nix of Debian sid: that its files are formatted
# and parse, what nix/npm-lock.nix makes of our lock for each system, the module's options, settings and units, and how
# exposed the unit is. Also that what we write for node_exporter is what Prometheus reads, and that the alerts go off.
. .ci/lib/nix-chroot.sh
nix_chroot
results="$(mktemp -d /var/tmp/fdnix-nix.XXXXXX)"
trap 'rm -rf "$results"' EXIT

echo '-- formatting and unused names, as `nix fmt` has them'
export PATH="$PATH:$HOME/.cargo/bin"
command -v cargo >/dev/null || { apt-get update -q && apt-get install -y -q cargo; }
command -v nixfmt >/dev/null || cargo install --quiet --locked nixfmt_rs@0.5.3
command -v deadnix >/dev/null || cargo install --quiet --locked deadnix@1.3.1
git ls-files -z '*.nix' | xargs -0 nixfmt --check
git ls-files -z '*.nix' | xargs -0 deadnix --fail

echo '-- parse'
git ls-files -z '*.nix' | while IFS= read -r -d '' file; do
  in_nix_chroot nix-instantiate --parse "$file" >/dev/null
done
[ "$(in_nix_chroot nix eval --impure --raw --expr '(import ./flake.nix).inputs.nixpkgs.url')" = \
  "github:NixOS/nixpkgs/$(in_nix_chroot nix eval --impure --raw --expr \
    '(builtins.fromJSON (builtins.readFile ./flake.lock)).nodes.nixpkgs.original.ref')" ]

echo '-- the lock of each system, the module'
for system in x64-linux-glibc arm64-linux-glibc arm64-darwin-; do
  IFS=- read -r cpu os libc <<< "$system"
  in_nix_chroot nix eval --impure --json --expr "
    import ./nix/npm-lock.nix {
      registry = \"https://registry.test\";
      platform = { os = \"$os\"; cpu = \"$cpu\"; libc = ${libc:+\"}${libc:-null}${libc:+\"}; };
    } (builtins.fromJSON (builtins.readFile ./package-lock.json))" > "$results/lock-$os-$cpu.json"
done
in_nix_chroot nix eval --impure --json --file nix/tests/pure.nix \
  --apply "all: removeAttrs all [ \"unitOf\" ]" > "$results/pure.json"
in_nix_chroot nix eval --impure --json --file nix/tests/refused.nix > "$results/refused.json"
FDNIX_NIX_RESULTS="$results" node --import tsx --test tests/nix/evaluated-*.test.ts

echo '-- exposure of the unit: at most 1.2'
for kind in minimal full; do
  node -e 'process.stdout.write(require(process.argv[1]).units[process.argv[2]])' "$results/pure.json" "$kind" \
    > "$FDNIX_CHROOT/tmp/fdnix-$kind.service"
  in_nix_chroot systemd-analyze security --no-pager --offline=true --threshold=12 "/tmp/fdnix-$kind.service" | tail -n 1
done

echo '-- metrics, read by Prometheus itself'
node --import tsx src/cli.ts run --config sample/fdnix.config.yaml --set "output.path=$results/data.lancedb" \
  --set "output.minifiedPath=$results/fdnix.lancedb" --set "metrics.textfile=$results/fdnix.prom"
in_nix_chroot promtool check metrics < "$results/fdnix.prom"

echo '-- the alerts of docs/nixos.md, by Prometheus itself'
mkdir -p "$FDNIX_CHROOT/tmp/fdnix-alerts"
sed -n '/^```yaml$/,/^```$/{/^```/d;p}' docs/nixos.md > "$FDNIX_CHROOT/tmp/fdnix-alerts/rules.yml"
cp .ci/rehearse/alerts.yml "$FDNIX_CHROOT/tmp/fdnix-alerts/"
in_nix_chroot promtool check rules /tmp/fdnix-alerts/rules.yml
in_nix_chroot promtool test rules /tmp/fdnix-alerts/alerts.yml
