#!/bin/sh
# A job whose disk is unmounted while it trains ends with an error that names its folder, also if it was started within
# that disk, where the kernel still lets it write to files that nobody can find any more.
# Needs Linux, mount in a user namespace, and dist/. Exit code 0 if all is well, 1 if not, 2 if this machine cannot mount.
set -u
cd "$(dirname "$0")/../.." || exit 1

. test/system/support/mounted.sh

main=$PWD/dist/cli/main.js
messages=$(mktemp)
trap 'rm -f "$messages"' EXIT

status=0
fail() { # what
  echo "test/system/unmounted_disk.sh: --out $out in $folder: $1" >&2
  cat "$messages" >&2
  status=1
}

# Unmounts the disk once the job has a checkpoint. Its epochs would take much longer than the wait for its end.
try() { # working folder, --out
  folder=$1 out=$2
  mount -t tmpfs none /mnt
  (cd "$folder" && exec node "$main" train --cell rnn --limit 2000 --max-epoch 100000 --wordvec-size 8 --hidden-size 8 \
    --batch-size 10 --time-size 5 --no-plot --out "$out") >"$messages" 2>&1 &
  job=$!
  waited=0
  while [ ! -s /mnt/job/last.safetensors ] && [ $waited -lt 200 ]; do
    sleep 0.1
    waited=$((waited + 1))
  done
  [ -s /mnt/job/last.safetensors ] || fail 'it wrote no checkpoint'
  umount -l /mnt
  waited=0
  while kill -0 $job 2>/dev/null && [ $waited -lt 200 ]; do
    sleep 0.1
    waited=$((waited + 1))
  done
  if kill -0 $job 2>/dev/null; then
    fail 'it still trains 20 seconds later'
    kill -9 $job
  fi
  wait $job
  code=$?
  [ $code -eq 1 ] || fail "expected exit code 1, got $code"
  grep -q "^rnnlm: cannot use $out: the folder is gone" "$messages" || fail 'the reason is missing'
  [ ! -e /mnt/job ] || fail 'it made its folder again below the disk'
}

try / /mnt/job
try /mnt job
exit $status
