#!/bin/sh
# Runs the tests under gcc's sanitizers; the first finding fails the run. The checkout's own build stays as it is.
#   thread               the tests of this folder: data races in the pool and in what it shares out
#   address, undefined   all tests in TypeScript, in a copy of the checkout with an addon of its own: accesses outside a
#                        buffer, JavaScript's ones too, use after free, and what C++ leaves undefined
# Needs Linux and gcc with its sanitizers. Where the kernel spreads addresses too far for gcc ("unexpected memory
# mapping"), begin the command with setarch -R. Exit code 0 when nothing is found, 1 or higher otherwise.
set -eu
cd "$(dirname "$0")/../.."

runtime=$(g++ -print-file-name=libasan.so)
if [ ! -e "$runtime" ]; then
  echo "test/native/sanitize.sh: gcc's libasan is missing. Debian's package: g++." >&2
  exit 2
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM

CXXFLAGS='-fsanitize=thread -g' test/native/run.sh

mkdir "$folder/copy"
tar -c --exclude=./.git --exclude=./build --exclude=./dist --exclude=./node_modules . | tar -x -C "$folder/copy"
ln -s "$PWD/node_modules" "$folder/copy/node_modules"
cd "$folder/copy"
npm run --silent build:ts
npx node-gyp rebuild -j max -- -Dsanitize=address,undefined,float-cast-overflow >"$folder/build.log" 2>&1 || {
  cat "$folder/build.log"
  exit 1
}

# Findings go to files, so that none is lost in a process that a test expects to fail; that is also why undefined
# behaviour, which gcc reports on standard error only, ends in an abort that libasan catches. Node never frees all that
# it allocates, a test asks for more memory than there is, and others bound the memory that is used, which freed memory
# in quarantine counts as. Sanitized objects are not what objects.test.ts looks at, and
# their buffers are ordinary ones, not those of fixed-memory.test.ts.
options=log_path=$folder/finding:abort_on_error=1
status=0
ASAN_OPTIONS=$options:handle_abort=1:detect_leaks=0:allocator_may_return_null=1:quarantine_size_mb=64 UBSAN_OPTIONS=$options \
  LD_PRELOAD=$runtime RNNLM_TEST_TIMEOUT=300000 npx vitest run --exclude=test/tensor/objects.test.ts \
  --exclude=test/tensor/fixed-memory.test.ts || status=$?
for finding in $(grep -lsE 'ERROR: |runtime error: ' "$folder"/finding.*); do
  cat "$finding"
  status=1
done
exit $status
