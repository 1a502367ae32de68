"""What all peers in PyTorch have in common: threads, the BLAS that they run on, and what they tell of themselves."""
import torch

from blas import blas_threads, use_best_kernels
from protocol import answer_rounds, read_task


def start():
    """Makes BLAS use its best kernels and sets the threads; returns the task."""
    use_best_kernels()
    task = read_task()
    torch.set_num_threads(task['threads'])
    return task


def serve(task, check, measures):
    """Announces itself and answers rounds; one function a case, see `answer_rounds`. BLAS has threads of its own: the
    larger number is told, so that a wrong one shows."""
    threads = max(torch.get_num_threads(), blas_threads(task['threads']))
    answer_rounds(threads, check, {'torch': torch.__version__}, measures)
