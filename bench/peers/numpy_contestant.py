"""What all peers in NumPy have in common: the BLAS that they run on, its threads, and what they tell of themselves."""
import numpy as np

from blas import blas_threads, use_best_kernels
from protocol import answer_rounds, read_task


def start():
    """Makes BLAS use its best kernels; returns the task. The harness sets the threads by the environment."""
    use_best_kernels()
    return read_task()


def serve(task, check, measures):
    """Announces itself and answers rounds; one function a case, see `answer_rounds`."""
    answer_rounds(blas_threads(task['threads']), check, {'numpy': np.__version__}, measures)
