/**
 * What well-known packages are called besides: programs that they bring along with their main one, former and everyday names, the names
 * under which languages import them. A line has the attribute or package name, and then its aliases.
 */
const lines = `
android-tools: adb fastboot
ansible: ansible-playbook ansible-galaxy ansible-vault
apacheHttpd: apache apache2 httpd htpasswd apachectl
automake: aclocal
awscli2: aws awscli
azure-cli: az
beautifulsoup4: bs4 beautifulsoup
bind: named bind9 dig nslookup host rndc
dnsutils: dig nslookup host
binutils: ld as ar nm objdump objcopy readelf strip strings addr2line
bluez: bluetoothctl bluetoothd
bzip2: bunzip2 bzcat
clang-tools: clangd clang-format clang-tidy
coreutils: ls cp mv rm cat sort chmod chown df du tail head wc sha256sum
cronie: crontab crond
dosfstools: mkfs.vfat mkfs.fat fsck.vfat
e2fsprogs: mkfs.ext4 e2fsck fsck.ext4 resize2fs tune2fs
elixir: iex mix
emacs: emacsclient
erlang: erl erlc
ffmpeg: ffprobe ffplay
findutils: find xargs
gcc: g++
ghc: ghci runghc
ghostscript: gs ps2pdf
glib: gsettings gdbus gio
glibc: ldd getent iconv
gnupg: gpg gpg2 gpgv gpg-agent
google-cloud-sdk: gcloud gsutil bq
go: golang gofmt
gzip: gunzip zcat
imagemagick: convert magick mogrify identify montage
inetutils: telnet ftp rsh
iproute2: ip ss tc bridge
iputils: ping arping tracepath
jdk: java javac jar jshell openjdk keytool
openjdk: java javac
jetbrains-toolbox: intellij pycharm webstorm clion goland
kmod: modprobe lsmod insmod rmmod depmod
kubernetes: k8s kubelet kubeadm
kubectl: k8s
libnotify: notify-send
libreoffice: openoffice soffice lowriter localc
libvirt: virsh libvirtd
mariadb: mysql mysqld mysqldump
mongodb: mongo mongod
net-tools: ifconfig netstat route arp
networkmanager: nmcli nmtui nmtui-connect
nfs-utils: exportfs mount.nfs showmount nfsd
nix: nix-build nix-env nix-shell nix-store
nodejs: npm npx node
ntfs3g: mkntfs ntfs-3g mkfs.ntfs
opencv4: cv2 opencv
openssh: ssh sshd scp sftp ssh-keygen ssh-agent ssh-copy-id
p7zip: 7z 7za 7zip
_7zz: 7z 7zip
pciutils: lspci setpci
perl: cpan perldoc
pillow: pil
poppler-utils: pdftotext pdftoppm pdfimages pdfunite pdfseparate pdfinfo
postfix: sendmail mailq postmap
postgresql: psql pg_dump pg_restore initdb postgres pg_ctl
procps: ps top free vmstat watch pkill pgrep sysctl uptime
psmisc: killall pstree fuser
pygobject3: gi
pyjwt: jwt
pyserial: serial
python-dateutil: dateutil
python-dotenv: dotenv
python-magic: magic
qemu: qemu-img qemu-nbd qemu-kvm qemu-system-x86_64
qtbase: qt qt5 qt6
redis: redis-cli redis-server
ruby: irb gem erb
rustup: rustc cargo
samba: smbclient smbd nmbd smbpasswd
scikit-image: skimage
scikit-learn: sklearn
shadow: useradd usermod passwd su groupadd
sqlite: sqlite3
sysstat: iostat sar mpstat pidstat
systemd: systemctl journalctl loginctl udevadm hostnamectl resolvectl
teams-for-linux: teams
tensorflow: tf
texliveFull: latex tex pdflatex xelatex lualatex bibtex latexmk
texlive: latex tex pdflatex xelatex
usbutils: lsusb
util-linux: lsblk mount umount fdisk dmesg blkid losetup findmnt mkswap
vim: vi xxd vimdiff
virtualbox: vboxmanage vbox
wirelesstools: iwconfig iwlist
xz: unxz xzcat lzma
zlib: libz
zstd: zstdcat unzstd
`;

/** For each alias the names of the packages that it stands for, in lower case. */
export const aliases = new Map<string, string[]>();
for (const line of lines.trim().split('\n')) {
  const [target = '', others = ''] = line.split(': ');
  for (const alias of others.split(' ')) aliases.set(alias, [...(aliases.get(alias) ?? []), target.toLowerCase()]);
}
