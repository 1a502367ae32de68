#!/bin/sh
# A job whose disk is full fails with the reason, and can be begun or resumed once there is space. Tried with different
# amounts of space left, so that another of its files is the one that fails.
# Needs Linux, mount in a user namespace, and dist/. Exit code 0 if all is well, 1 if not, 2 if this machine cannot mount.
set -u
cd "$(dirname "$0")/../.." || exit 1

. test/system/support/mounted.sh

main=$PWD/dist/cli/main.js
mount -t tmpfs -o size=256k none /mnt
cd /mnt || exit 1

messages=$(mktemp)
trap 'rm -f "$messages"' EXIT

rnnlm_train() {
  node "$main" train "$@" --no-plot >"$messages" 2>&1
}

begin() {
  rnnlm_train --cell rnn --limit 2000 --max-epoch 1 --wordvec-size 8 --hidden-size 8 --batch-size 10 --time-size 5 --out job
}

status=0
fail() { # what
  echo "test/system/full_disk.sh: with $space KB left: $1" >&2
  cat "$messages" >&2
  status=1
}

for space in 0 4 8 12 16 24; do
  rm -rf job
  dd if=/dev/zero of=filler bs=1k count=$((256 - space)) 2>/dev/null
  begin
  code=$?
  [ $code -eq 1 ] || fail "expected exit code 1, got $code"
  grep -q 'no space left on the disk' "$messages" || fail 'the reason is missing'
  rm filler
  begin || rnnlm_train --resume job || fail 'it can neither be begun nor resumed once there is space'
  [ -s job/last.safetensors ] || fail 'it left no model'
done
exit $status
