# The expressions that nix-eval-jobs is given, evaluated by a real Nix: Debian sid's, in a chroot.
. .ci/lib/nix-chroot.sh
nix_chroot

bin="$(mktemp -d)"
trap 'rm -rf "$bin"' EXIT
cat > "$bin/nix" <<NIX
#!/bin/bash
FDNIX_CHROOT='$FDNIX_CHROOT'
. '$PWD/.ci/lib/nix-chroot.sh'
in_nix_chroot nix "\$@"
NIX
chmod +x "$bin/nix"

FDNIX_TEST_NIX="$bin/nix" node --import tsx --test --test-reporter=spec tests/evaluate/nix.test.ts
