"""Tells which BLAS this process has loaded, and makes OpenBLAS use the kernels that the CPU deserves.

Run as a script, it prints the BLAS that NumPy uses, and fails where that is not OpenBLAS.
"""
import ctypes
import os
import re
import sys
from sysconfig import get_config_var

LIBRARY = re.compile(r'/[^/]*(?:blas|blis|mkl_rt|atlas)[^/]*\.so[^/]*$')
# What OpenBLAS puts around the names of its functions, depending on how it was built.
AFFIXES = (('', ''), ('', '64_'), ('scipy_', ''), ('scipy_', '64_'))
# OpenBLAS core types by the CPU flag that they need, best first.
CORES = (('avx512_bf16', 'Cooperlake'), ('avx512dq', 'SkylakeX'), ('avx2', 'Haswell'))


def blas_paths():
    """The files of the BLAS libraries that this process has loaded."""
    return sorted({line.split(maxsplit=5)[5] for line in proc_lines('self/maps') if LIBRARY.search(line)})


def openblas_functions(name):
    """The function `openblas_<name>` of each OpenBLAS that this process has loaded."""
    symbols = [f'{before}openblas_{name}{after}' for before, after in AFFIXES]
    for path in blas_paths():
        library = ctypes.CDLL(path)
        symbol = next((symbol for symbol in symbols if hasattr(library, symbol)), None)
        if symbol:
            yield getattr(library, symbol)


def loaded_blas():
    """The loaded BLAS: what OpenBLAS says of itself (`OpenBLAS 0.3.21 … Haswell …`), else its file, else `unknown`."""
    for get_config in openblas_functions('get_config'):
        get_config.restype = ctypes.c_char_p
        return ' '.join(get_config().decode().split())
    paths = blas_paths()
    return os.path.basename(os.path.realpath(paths[0])) if paths else 'unknown'


def blas_threads(otherwise):
    """The threads of OpenBLAS; `otherwise` where another BLAS is loaded, which cannot be asked."""
    return max((get() for get in openblas_functions('get_num_threads')), default=otherwise)


def use_best_kernels():
    """Starts this script again with OPENBLAS_CORETYPE set where OpenBLAS does not know the CPU.

    On a CPU newer than itself, OpenBLAS may fall back to its SSE3 kernels (core type Prescott), a fifth of the speed.
    To be called once the library is loaded and before standard input is read.
    """
    if 'OPENBLAS_CORETYPE' in os.environ or 'Prescott' not in loaded_blas():
        return
    flags = next((line.split() for line in proc_lines('cpuinfo') if line.startswith('flags')), [])
    core = next((core for flag, core in CORES if flag in flags), None)
    if core:
        os.environ['OPENBLAS_CORETYPE'] = core
        os.execv(sys.executable, [sys.executable, *sys.argv])


def proc_lines(name):
    """The lines of a file below /proc; none where the system has no such file."""
    try:
        with open(f'/proc/{name}', encoding='utf-8') as file:
            return file.read().splitlines()
    except OSError:
        return []


def main():
    import numpy

    use_best_kernels()
    blas = loaded_blas()
    print(f'NumPy {numpy.__version__} uses {blas}')
    if 'OpenBLAS' not in blas:
        sys.exit(f'expected OpenBLAS; choose it by: update-alternatives --config libblas.so.3-{get_config_var("MULTIARCH")}')


if __name__ == '__main__':
    main()
