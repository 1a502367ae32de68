"""The recurrent language model in PyTorch: Embedding, RNN or LSTM, Linear, cross-entropy, SGD; truncated backpropagation
through time by detaching the state between blocks. Where the task's precision is medium, the model runs in bfloat16 by
autocast.
"""
import math
import time

import torch
from torch import nn

from protocol import time_training
from torch_contestant import serve, start


class LanguageModel(nn.Module):
    """ids [N, T], state -> scores [N, T, V], state (None for zeros); initial values as the book has them."""

    def __init__(self, cell, layers, V, D, H):
        super().__init__()
        self.embedding = nn.Embedding(V, D)
        self.recurrent = {'rnn': nn.RNN, 'lstm': nn.LSTM}[cell](D, H, layers, batch_first=True)
        self.affine = nn.Linear(H, V)
        nn.init.normal_(self.embedding.weight, std=0.01)
        for weight in (*self.recurrent.parameters(), *self.affine.parameters()):
            if weight.dim() > 1:
                nn.init.normal_(weight, std=1 / math.sqrt(weight.shape[1]))
            else:
                nn.init.zeros_(weight)

    def forward(self, ids, state):
        hs, state = self.recurrent(self.embedding(ids), state)
        return self.affine(hs), state


def detach(state):
    return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()


class Training:
    """A new model and what its training goes on with from epoch to epoch."""

    def __init__(self, task):
        torch.manual_seed(1)
        N, T = task['batchSize'], task['timeSize']
        self.max_grad = task['maxGrad']
        self.xs = torch.tensor(task['corpus'][:-1])
        self.ts = torch.tensor(task['corpus'][1:])
        self.model = LanguageModel(*(task[name] for name in ('cell', 'layers', 'vocabSize', 'wordvecSize', 'hiddenSize')))
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=task['learningRate'])
        size = len(self.xs)
        self.iterations_per_epoch = size // (N * T)
        self.block = (torch.arange(N) * (size // N))[:, None] + torch.arange(T)
        self.state = None
        self.autocast = torch.autocast('cpu', torch.bfloat16, enabled=task.get('precision') == 'medium')

    def step(self):
        """One iteration; returns its loss."""
        with self.autocast:
            scores, state = self.model(self.xs[self.block], self.state)
            loss = nn.functional.cross_entropy(scores.flatten(0, 1), self.ts[self.block].flatten())
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if self.max_grad is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.max_grad)
        self.optimizer.step()
        self.state = detach(state)
        self.block = (self.block + self.block.shape[1]) % len(self.xs)
        return loss.item()

    def fit(self, epochs):
        """Trains on; returns the seconds that it took and the perplexity of the last epoch."""
        start = time.perf_counter()
        for _ in range(epochs):
            total_loss = sum(self.step() for _ in range(self.iterations_per_epoch))
        return time.perf_counter() - start, math.exp(total_loss / self.iterations_per_epoch)


def main():
    task = start()
    _, perplexity = Training(task).fit(task['checkEpochs'])
    serve(task, perplexity, [lambda: time_training(task, Training)])


main()
