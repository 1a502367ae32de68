"""Tells whether PyTorch and its BLAS share one pool of threads. Two pools compete for the cores.

Run as a script, it prints what is wrong, or nothing.
"""
import ctypes
import os
import re

from blas import proc_lines

# What openblas_get_parallel returns: 0 for one thread, 2 for OpenMP.
PTHREADS = 1
LIBTORCH = re.compile(r'/\S*libtorch_cpu[^/]*\.so[^/]*$')
OPENMP = re.compile(r'/\S*lib(?:gomp|iomp5|omp)\b[^/]*\.so[^/]*$')


def competing_pools(openblas_parallel, openmp_runtimes):
    """What is wrong with the pools of a process in which PyTorch is loaded, as a sentence; None if there is one pool.

    openblas_parallel: the answer of the OpenBLAS that PyTorch uses, None if it uses another BLAS
    openmp_runtimes: the files of the OpenMP runtimes
    """
    if openblas_parallel == PTHREADS and openmp_runtimes:
        return ('PyTorch and its OpenBLAS run two competing thread pools (OpenMP and pthreads); '
                'bench/install-peers.sh selects the OpenBLAS that shares the pool: libopenblas0-openmp')
    if len(openmp_runtimes) > 1:
        names = ' and '.join(sorted(os.path.basename(path) for path in openmp_runtimes))
        return f'PyTorch has loaded several OpenMP runtimes, each with a thread pool of its own: {names}'
    return None


def openblas_parallel_of(library):
    """How the OpenBLAS that a library depends on runs its threads; None if there is none."""
    get_parallel = getattr(ctypes.CDLL(library), 'openblas_get_parallel', None)
    return get_parallel and get_parallel()


def loaded(pattern):
    """The files that this process has loaded and whose path matches."""
    return {os.path.realpath(found.group()) for found in map(pattern.search, proc_lines('self/maps')) if found}


def main():
    import torch  # loads the libraries in question

    answers = [openblas_parallel_of(path) for path in loaded(LIBTORCH)]
    problem = competing_pools(next(iter(answers), None), loaded(OPENMP))
    if problem:
        print(problem)


if __name__ == '__main__':
    main()
