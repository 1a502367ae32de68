#!/bin/sh
# Installs the peers of the bench on Debian and Ubuntu: NumPy over OpenBLAS, and PyTorch.
set -eu

if [ "$(id -u)" -ne 0 ]; then
  echo "install-peers.sh: run it as root, for instance by sudo" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends python3-numpy python3-torch libopenblas0-pthread

/usr/bin/python3 -B "$(dirname "$0")/peers/blas.py"
/usr/bin/python3 -c 'import torch; print("PyTorch", torch.__version__)'
