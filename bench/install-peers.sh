#!/bin/sh
# Installs the peers of the bench on Debian and Ubuntu: PyTorch and NumPy over the OpenBLAS that uses OpenMP, as PyTorch
# does. Over the one with threads of its own, PyTorch would have two thread pools that compete for the cores.
set -eu

if [ "$(id -u)" -ne 0 ]; then
  echo "install-peers.sh: run it as root, for instance by sudo" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends python3-numpy python3-torch libopenblas0-openmp

# The package with threads of its own has the higher priority if it is installed too.
triplet=$(/usr/bin/python3 -c 'import sysconfig; print(sysconfig.get_config_var("MULTIARCH"))')
for library in libblas.so.3 liblapack.so.3 libopenblas.so.0; do
  update-alternatives --set "$library-$triplet" "/usr/lib/$triplet/openblas-openmp/$library"
done

cd "$(dirname "$0")/peers"
unset OPENBLAS_CORETYPE
/usr/bin/python3 -B blas.py
/usr/bin/python3 -c 'import torch; print("PyTorch", torch.__version__)'
problem=$(/usr/bin/python3 -B pools.py)
if [ -n "$problem" ]; then
  echo "install-peers.sh: $problem" >&2
  exit 1
fi
