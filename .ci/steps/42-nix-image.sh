# The claims of the container image, rehearsed without a container engine, by the program that the step before has
# installed and with the libraries of Debian sid.
. .ci/lib/nix-chroot.sh
nix_chroot
command -v bwrap >/dev/null || { apt-get update -q && apt-get install -y -q bubblewrap; }
results="$(mktemp -d /var/tmp/fdnix-image.XXXXXX)"
trap 'rm -rf "$results"' EXIT
in_nix_chroot nix eval --impure --json --file nix/image/contents.nix > "$results/contents.json"
FDNIX_IMAGE_CONTENTS="$results/contents.json" FDNIX_INSTALLED=/srv/fdnix-installed FDNIX_CHROOT="$FDNIX_CHROOT" \
  node --import tsx --test tests/nix/image.test.ts
