# The expressions that nix-eval-jobs is given, evaluated by a real Nix: Debian sid's, in a chroot.
. .ci/lib/nix-chroot.sh
nix_chroot

bin="$(mktemp -d)"
trap 'rm -rf "$bin"' EXIT
cat > "$bin/nix" <<NIX
#!/bin/sh
exec chroot '$FDNIX_CHROOT' /bin/sh -c 'cd "\$1" && shift && exec /usr/bin/nix "\$@"' sh "\$PWD" "\$@"
NIX
chmod +x "$bin/nix"

FDNIX_TEST_NIX="$bin/nix" node --import tsx --test --test-reporter=spec tests/evaluate/nix.test.ts
