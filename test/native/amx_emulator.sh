#!/bin/sh
# Compiles amx_emulator.cc to the given file, a shared object for LD_PRELOAD.
set -eu
# The headers of gcc 12 read an undefined value on purpose, and gcc warns about it.
${CXX:-g++} -std=c++17 -O2 -Wall -Wextra -Wno-maybe-uninitialized -mavx512f -shared -fPIC -ftls-model=initial-exec \
  "$(dirname "$0")/amx_emulator.cc" -o "$1" -ldl
