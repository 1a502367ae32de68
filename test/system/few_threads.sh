#!/bin/sh
# If the system allows fewer threads than requested (a container with a process limit on a machine with many cores), training
# uses those it gets and warns once.
# Needs Linux, root (to run as another user, whom the limit holds), and dist/. Exit code 0 if all is well, 1 if not, 2 if
# this cannot be tried here.
set -u
cd "$(dirname "$0")/../.." || exit 1

if ! setpriv --reuid 65534 --regid 65534 --clear-groups node dist/cli/main.js --version >/dev/null 2>&1; then
  echo "test/system/few_threads.sh: needs root, and a checkout that another user can read" >&2
  exit 2
fi

messages=$(mktemp)
trap 'rm -f "$messages"' EXIT
for limit in 20 40; do
  RNNLM_THREADS=64 setpriv --reuid 65534 --regid 65534 --clear-groups prlimit --nproc=$limit \
    node dist/cli/main.js train --limit 5000 --max-epoch 1 --hidden-size 100 --no-plot --json >"$messages" 2>&1
  code=$?
  if [ $code -ne 0 ]; then
    echo "test/system/few_threads.sh: with $limit processes at most: exit code $code" >&2
    cat "$messages" >&2
    exit 1
  fi
  warnings=$(grep -c "Warning: .*threads" "$messages")
  if [ "$warnings" -ne 1 ]; then
    echo "test/system/few_threads.sh: with $limit processes at most: expected one warning, got $warnings" >&2
    cat "$messages" >&2
    exit 1
  fi
done
