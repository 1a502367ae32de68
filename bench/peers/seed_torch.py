"""The seed experiment in PyTorch: Embedding, RNN, Linear, cross-entropy, SGD; truncated backpropagation through time
by detaching the state between blocks.
"""
import math
import platform
import time

import torch
from torch import nn

from blas import loaded_blas, use_best_kernels
from protocol import answer_rounds, read_task, repeats_per_round


class SimpleRnnlm(nn.Module):
    """ids [N, T], state [1, N, H] -> scores [N, T, V], state; initial values as the book has them."""

    def __init__(self, V, D, H):
        super().__init__()
        self.embedding = nn.Embedding(V, D)
        self.rnn = nn.RNN(D, H, batch_first=True)
        self.affine = nn.Linear(H, V)
        nn.init.normal_(self.embedding.weight, std=0.01)
        nn.init.normal_(self.rnn.weight_ih_l0, std=1 / math.sqrt(D))
        nn.init.normal_(self.rnn.weight_hh_l0, std=1 / math.sqrt(H))
        nn.init.normal_(self.affine.weight, std=1 / math.sqrt(H))
        for bias in (self.rnn.bias_ih_l0, self.rnn.bias_hh_l0, self.affine.bias):
            nn.init.zeros_(bias)

    def forward(self, ids, state):
        hs, state = self.rnn(self.embedding(ids), state)
        return self.affine(hs), state


def fit(task, epochs):
    """Trains a new model; returns the seconds that it took and the perplexity of the last epoch."""
    torch.manual_seed(1)
    N, T = task['batchSize'], task['timeSize']
    corpus = torch.tensor(task['corpus'])
    xs, ts = corpus[:-1], corpus[1:]
    size = len(xs)
    iterations = size // (N * T)
    model = SimpleRnnlm(task['vocabSize'], task['wordvecSize'], task['hiddenSize'])
    optimizer = torch.optim.SGD(model.parameters(), lr=task['learningRate'])
    block = (torch.arange(N) * (size // N))[:, None] + torch.arange(T)
    state = torch.zeros(1, N, task['hiddenSize'])
    time_idx = 0
    start = time.perf_counter()
    for _ in range(epochs):
        total_loss = 0
        for _ in range(iterations):
            index = (block + time_idx) % size
            time_idx += T
            scores, state = model(xs[index], state.detach())
            loss = nn.functional.cross_entropy(scores.flatten(0, 1), ts[index].flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total_loss += loss.item()
    return time.perf_counter() - start, math.exp(total_loss / iterations)


def main():
    use_best_kernels()
    task = read_task()
    torch.set_num_threads(task['threads'])
    seconds, perplexity = fit(task, task['checkEpochs'])
    repeats = repeats_per_round(task, seconds / task['checkEpochs'])
    details = {'python': platform.python_version(), 'torch': torch.__version__, 'blas': loaded_blas()}
    answer_rounds(perplexity, details, lambda: fit(task, repeats)[0] * 1000 / (repeats * task['iterationsPerEpoch']))


main()
