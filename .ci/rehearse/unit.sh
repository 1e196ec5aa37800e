#!/bin/bash
# What is tried inside the container that .ci/steps/43-nix-unit.sh boots; writes `passed` to /rehearse/result at its end.
set -euo pipefail
unit=fdnix-indexer.service
state=/var/lib/private/fdnix-indexer

tell() {
  echo "-- $1"
}
fail() {
  journalctl --no-pager --output=cat -u "${2:-$unit}" | tail -n 40
  echo "FAILED: $1"
  exit 1
}
# A unit with the same settings and another command.
variant() {
  sed "s|^ExecStart=.*|ExecStart=$2|" /run/systemd/system/$unit > "/run/systemd/system/$1.service"
  systemctl daemon-reload
}

mkdir -p /run/systemd/system
cp /rehearse/units/* /run/systemd/system/
systemctl daemon-reload
systemctl start nix-daemon.socket

# A bucket of versitygw is a directory.
mkdir -p /run/s3/root/search /run/s3/meta
systemd-run --quiet --unit=s3 /rehearse/versitygw --quiet --access testing --secret testing-secret \
  --port 127.0.0.1:7070 posix --sidecar /run/s3/meta /run/s3/root

# As nix/module/default.nix has it made.
groupadd --system fdnix-metrics
install -d -m 775 -g fdnix-metrics /var/lib/node-exporter-textfile

tell 'the timer starts it, and it indexes behind the whole hardening'
systemctl start fdnix-indexer.timer
for _ in $(seq 300); do
  [ "$(systemctl show -P ExecMainExitTimestampMonotonic $unit)" = 0 ] || break
  sleep 0.2
done
systemctl stop fdnix-indexer.timer
while [ "$(systemctl show -P ActiveState $unit)" = activating ]; do sleep 0.2; done
[ "$(systemctl show -P Result $unit)" = success ] || fail 'the unit does not index'
[ -d "$state/fdnix.lancedb/packages.lance" ] || fail 'there is no minified dataset'
[ "$(stat -c %a $state)" = 700 ] || fail "the state directory has mode $(stat -c %a $state)"
[ "$(find $state -perm /077 ! -type l | head -n 1)" = '' ] || fail 'some files are for others too'
journalctl --no-pager --output=cat -u $unit | grep -m 1 -A 12 '^done'

tell 'its metrics lie where node_exporter looks, readable for it'
metrics=/var/lib/node-exporter-textfile/fdnix-indexer.prom
[ "$(stat -c %a $metrics)" = 644 ] || fail 'the metrics are not there, or not readable'
grep '^fdnix_last_run_success{.*} 1$' $metrics || fail 'the metrics do not tell of a success'

tell 'both datasets are in the bucket, and can be searched there'
AWS_SHARED_CREDENTIALS_FILE=/rehearse/aws /srv/fdnix-installed/bin/fdnix-indexer search hello --json \
  --config /rehearse/config.json --dataset s3://search/fdnix.lancedb | grep -m 1 '"attribute_path"' || fail 'nothing is found in the bucket'
[ -d /run/s3/root/search/fdnix-data.lancedb/packages.lance ] || fail 'the main dataset is not in the bucket'

tell 'has nothing to do the next time'
systemctl start $unit || fail 'the next run failed'
journalctl --no-pager --output=cat -u $unit | grep unchanged | tail -n 1 || fail 'the next run does not say unchanged'

tell 'ends on a stop, which is no failure and loses nothing'
mkfifo -m 644 /run/never-written
variant stopped "$(sed -n 's/^ExecStart=//p' /run/systemd/system/$unit) --set nixpkgs.source=jsonl --set nixpkgs.path=/run/never-written"
systemctl start --no-block stopped.service
for _ in $(seq 100); do
  [ "$(systemctl show -P ActiveState stopped.service)" = activating ] && [ -s /proc/"$(systemctl show -P MainPID stopped.service)"/cmdline ] && break
  sleep 0.1
done
sleep 3
systemctl stop stopped.service
[ "$(systemctl show -P Result stopped.service)" = success ] || fail "the stop came to $(systemctl show -P Result stopped.service)" stopped.service
[ -d "$state/fdnix.lancedb/packages.lance" ] || fail 'the dataset is gone'

tell 'Nix evaluates behind it, through the daemon'
variant evaluate '/usr/bin/nix eval --impure --raw --expr "(import /rehearse/mini-nixpkgs { }).hello.drvPath"'
systemctl start evaluate.service || fail 'Nix does not evaluate' evaluate.service
journalctl --no-pager --output=cat -u evaluate.service | grep -- '-hello-.*drv'

tell 'cannot do what it should not'
echo secret > /home/secret
for command in 'unshare --user true' 'unshare --mount true' 'touch /etc/x' 'touch /rehearse/x' 'cat /home/secret' \
  'touch /tmp/x && chmod u+s /tmp/x' 'kill -0 1' 'dmesg'; do
  variant forbidden "/bin/sh -c \"$command\""
  ! systemctl start forbidden.service 2>/dev/null || fail "it can: $command" forbidden.service
done

tell 'exposure, as systemd sees the loaded unit'
systemd-analyze security --no-pager --threshold=12 $unit | tail -n 1
systemctl --version | head -n 1

echo passed > /rehearse/result
