# A Debian sid with Nix in a directory: what checks Nix code where no Nix is installed. Source it; needs root.
#
#   nix_chroot            makes the chroot where it is not there yet, and mounts what it needs
#   in_nix_chroot CMD...  runs a command in it, at the same working directory; the repository is there at its own path
#   nix_chroot_install PACKAGE...  installs more of Debian's packages in it
#
# FDNIX_CHROOT names another directory, for instance one that is kept from one run to the next.

FDNIX_CHROOT="${FDNIX_CHROOT:-/var/tmp/fdnix-nix-chroot}"

nix_chroot() {
  local dir="$FDNIX_CHROOT" mirror
  mirror="$(nix_chroot_mirror)"
  if [ ! -x "$dir/usr/bin/nix" ]; then
    command -v debootstrap >/dev/null || { apt-get update -q && apt-get install -y -q debootstrap; }
    # Some packages fail to configure without /proc, and sid's dependencies are at times more than debootstrap can resolve:
    # both are made good below.
    debootstrap --variant=minbase --include=ca-certificates,nix-bin,git sid "$dir" "$mirror" || true
  fi
  mkdir -p "$dir/proc" "$dir/sys" "$dir/dev" "$dir$PWD"
  mountpoint -q "$dir/proc" || mount -t proc proc "$dir/proc"
  mountpoint -q "$dir/sys" || mount -t sysfs sys "$dir/sys"
  mountpoint -q "$dir/dev" || mount --rbind /dev "$dir/dev"
  mountpoint -q "$dir$PWD" || mount --bind "$PWD" "$dir$PWD"
  # A mirror may be a copy that is not renewed every week; what it holds is signed all the same.
  echo 'Acquire::Check-Valid-Until "false";' > "$dir/etc/apt/apt.conf.d/mirror"
  [ -s "$dir/etc/apt/sources.list" ] || echo "deb $mirror sid main" > "$dir/etc/apt/sources.list"
  if ! chroot "$dir" apt-get check -q >/dev/null 2>&1; then
    chroot "$dir" apt-get update -q
    DEBIAN_FRONTEND=noninteractive chroot "$dir" apt-get -y -q -f install
  fi
  mkdir -p "$dir/etc/nix"
  printf '%s\n' 'experimental-features = nix-command flakes' 'build-users-group =' 'sandbox = false' > "$dir/etc/nix/nix.conf"
  chroot "$dir" nix --version
}

# The mirror that this machine's own packages come from.
nix_chroot_mirror() {
  local found
  found="$(sed -nE 's/^(URIs:|deb)( \[[^]]*\])? +(https?:[^ ]+debian)\/? *.*/\3/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v security | head -n 1 || true)"
  [ -n "$found" ] || { echo 'no Debian mirror in /etc/apt: a Debian sid cannot be made' >&2; return 1; }
  echo "$found"
}

nix_chroot_install() {
  chroot "$FDNIX_CHROOT" apt-get update -q
  DEBIAN_FRONTEND=noninteractive chroot "$FDNIX_CHROOT" apt-get install -y -q --no-install-recommends "$@"
}

in_nix_chroot() {
  chroot "$FDNIX_CHROOT" /bin/sh -c 'cd "$1" && shift && exec "$@"' sh "$PWD" "$@"
}
