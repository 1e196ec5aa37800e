# A Debian sid with Nix, systemd and promtool in a directory: what checks Nix code where no Nix is installed. Source it; needs root.
#
#   nix_chroot            makes the chroot where there is no whole one yet
#   in_nix_chroot CMD...  runs a command in it, at the same working directory; the repository is there at its own path
#
# FDNIX_CHROOT names another directory, for instance one that is kept from one run to the next. What is mounted for a
# command is mounted in a namespace of its own, and gone when it ends.

FDNIX_CHROOT="${FDNIX_CHROOT:-/var/tmp/fdnix-nix-chroot}"
nix_chroot_packages='nix-bin git systemd systemd-sysv dbus libnss-systemd promtool'

# The mark is written last: a chroot without it, or with another list of packages, is made anew.
nix_chroot() {
  local mark="$FDNIX_CHROOT/etc/fdnix-chroot" attempt
  for attempt in 1 2; do
    [ "$(cat "$mark" 2>/dev/null)" = "$nix_chroot_packages" ] && in_nix_chroot nix --version && return
    echo "making a Debian sid in $FDNIX_CHROOT (attempt $attempt)"
    nix_chroot_remove
    # Called in a condition, it runs without `set -e`.
    if ! nix_chroot_make; then continue; fi
    echo "$nix_chroot_packages" > "$mark"
  done
  [ "$(cat "$mark" 2>/dev/null)" = "$nix_chroot_packages" ] && in_nix_chroot nix --version && return
  echo "no Debian sid could be made in $FDNIX_CHROOT: what went wrong is above" >&2
  return 1
}

# Debootstrap lays the base alone: it cannot resolve virtual packages, which sid's perl, and with it Nix, depends on. apt can.
nix_chroot_make() {
  local mirror
  mirror="$(nix_chroot_mirror)" || return
  command -v debootstrap >/dev/null || { apt-get update -q && apt-get install -y -q debootstrap; } || return
  debootstrap --variant=minbase --include=ca-certificates sid "$FDNIX_CHROOT" "$mirror" || return
  # Proxies and the like, as on this machine; its mirror may also be a copy that is not renewed every week.
  apt-config dump | grep -E '^Acquire::(https?::|Check-)' > "$FDNIX_CHROOT/etc/apt/apt.conf.d/machine" || true
  echo force-unsafe-io > "$FDNIX_CHROOT/etc/dpkg/dpkg.cfg.d/no-fsync"
  in_nix_chroot apt-get update -q || return
  # shellcheck disable=SC2086 -- a list of words
  in_nix_chroot env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends $nix_chroot_packages || return
  in_nix_chroot apt-get clean
  mkdir -p "$FDNIX_CHROOT/etc/nix"
  printf '%s\n' 'experimental-features = nix-command flakes' 'build-users-group =' 'sandbox = false' \
    > "$FDNIX_CHROOT/etc/nix/nix.conf"
}

# Nothing that is mounted below goes with it.
nix_chroot_remove() {
  local target
  findmnt -rno TARGET | { grep -F "$FDNIX_CHROOT/" || true; } | sort -r | while IFS= read -r target; do
    umount --lazy "$target"
  done
  rm -rf --one-file-system "$FDNIX_CHROOT"
}

# The mirror that this machine's own packages come from.
nix_chroot_mirror() {
  local found
  found="$(sed -nE 's/^(URIs:|deb)( \[[^]]*\])? +(https?:[^ ]+debian)\/? *.*/\3/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v security | head -n 1 || true)"
  [ -n "$found" ] || { echo 'no Debian mirror in /etc/apt: a Debian sid cannot be made' >&2; return 1; }
  echo "$found"
}

in_nix_chroot() {
  # shellcheck disable=SC2016 -- expanded by the inner shells
  unshare --mount bash -euc '
    for directory in proc sys dev; do mount --rbind "/$directory" "$1/$directory"; done
    mkdir -p "$1$PWD"
    mount --bind "$PWD" "$1$PWD"
    exec chroot "$1" /bin/sh -euc "cd \"\$1\"; shift; exec \"\$@\"" sh "$PWD" "${@:2}"
  ' bash "$FDNIX_CHROOT" "$@"
}
