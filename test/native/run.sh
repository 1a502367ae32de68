#!/bin/sh
# Compiles native/ without Node, with the flags of binding.gyp, and runs the tests of this folder.
#   test/native/run.sh                 on this machine
#   test/native/run.sh arm64           for arm64: cross-compiles and runs in the emulator qemu
#   test/native/run.sh amx             AMX only, emulated by amx_emulator.cc if the machine does not have it
#   test/native/run.sh --exhaustive    tanh, sigmoid and exp at all 2^32 numbers, not a sample: takes minutes
# CXX selects another compiler and CXXFLAGS adds flags, for example CXXFLAGS=-fsanitize=address,undefined.
# Exit code 0 when every check passes, 1 when one fails, 2 when a tool is missing.
set -eu
cd "$(dirname "$0")/../.."

case $(uname -m) in
  aarch64 | arm64) architecture=arm64 ;;
  *) architecture=x64 ;;
esac
compiler=${CXX:-g++}
emulator=
link_flags=
tables=
if [ "${1-}" = arm64 ]; then
  shift
  if [ $architecture != arm64 ]; then
    architecture=arm64
    compiler=${CXX:-aarch64-linux-gnu-g++}
    emulator=qemu-aarch64
    link_flags=-static
  fi
elif [ "${1-}" = amx ]; then
  shift
  tables=amx
fi

for tool in "$compiler" python3 $emulator; do
  if ! command -v "$tool" >/dev/null; then
    echo "test/native/run.sh: $tool is missing. Debian's packages: g++, python3, and for arm64 elsewhere" \
      "g++-aarch64-linux-gnu and qemu-user." >&2
    exit 2
  fi
done

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

{
  python3 test/native/compile_lines.py $architecture
  for source in test/native/*_test.cc; do
    echo "$source -std=c++17 -O2 -Wall -Wextra"
  done
} | while read -r source flags; do
  echo "$compiler -c $flags ${CXXFLAGS-} $source -o $folder/$(echo "$source" | tr / _).o"
done | xargs -P "$(getconf _NPROCESSORS_ONLN)" -I '{}' sh -c '{}'
$compiler ${CXXFLAGS-} -pthread $link_flags "$folder"/*.o -o "$folder/kernels_test"

if [ "$tables" = amx ] && ! grep -qw amx_bf16 /proc/cpuinfo; then
  test/native/amx_emulator.sh "$folder/amx_emulator.so"
  emulator="env LD_PRELOAD=$folder/amx_emulator.so"
fi
$emulator "$folder/kernels_test" "$@" $tables
