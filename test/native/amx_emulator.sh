#!/bin/sh
# Compiles amx_emulator.cc to the file named: a shared object for LD_PRELOAD.
set -eu
# gcc 12's own header reads an undefined value on purpose and warns of it.
${CXX:-g++} -std=c++17 -O2 -Wall -Wextra -Wno-maybe-uninitialized -mavx512f -shared -fPIC -ftls-model=initial-exec \
  "$(dirname "$0")/amx_emulator.cc" -o "$1" -ldl
