"""The seed experiment in NumPy, in the style of "Deep Learning from Scratch 2", ch. 5: float32 arrays, one layer
object per time step, each with gradients of its own that the Time layer adds up.

N = batch size, T = time size, D = word-vector size, H = hidden size, V = vocabulary size.
"""
import math
import time

import numpy as np

from numpy_contestant import serve, start
from protocol import time_training


class RNN:
    """One step: hNext = tanh(hPrev Wh + x Wx + b); x [N, D], h [N, H]."""

    def __init__(self, Wx, Wh, b):
        self.params = [Wx, Wh, b]
        self.grads = [np.zeros_like(p) for p in self.params]

    def forward(self, x, h_prev):
        Wx, Wh, b = self.params
        h_next = np.tanh(np.dot(h_prev, Wh) + np.dot(x, Wx) + b)
        self.cache = (x, h_prev, h_next)
        return h_next

    def backward(self, dh_next):
        Wx, Wh, _ = self.params
        x, h_prev, h_next = self.cache
        dt = dh_next * (1 - h_next ** 2)
        self.grads[0][...] = np.dot(x.T, dt)
        self.grads[1][...] = np.dot(h_prev.T, dt)
        self.grads[2][...] = np.sum(dt, axis=0)
        return np.dot(dt, Wx.T), np.dot(dt, Wh.T)


class TimeRNN:
    """T steps from the state of the block before: xs [N, T, D] -> hs [N, T, H]."""

    def __init__(self, Wx, Wh, b):
        self.params = [Wx, Wh, b]
        self.grads = [np.zeros_like(p) for p in self.params]
        self.h = None

    def forward(self, xs):
        N, T, _ = xs.shape
        H = self.params[1].shape[0]
        hs = np.empty((N, T, H), dtype='f')
        if self.h is None:
            self.h = np.zeros((N, H), dtype='f')
        self.steps = []
        for t in range(T):
            step = RNN(*self.params)
            self.h = step.forward(xs[:, t, :], self.h)
            hs[:, t, :] = self.h
            self.steps.append(step)
        return hs

    def backward(self, dhs):
        N, T, _ = dhs.shape
        dxs = np.empty((N, T, self.params[0].shape[0]), dtype='f')
        dh = 0
        totals = [0, 0, 0]
        for t in reversed(range(T)):
            step = self.steps[t]
            dxs[:, t, :], dh = step.backward(dhs[:, t, :] + dh)
            for i, grad in enumerate(step.grads):
                totals[i] += grad
        for grad, total in zip(self.grads, totals):
            grad[...] = total
        return dxs


class Embedding:
    """Rows of W by token id: ids [N] -> [N, D]."""

    def __init__(self, W):
        self.params = [W]
        self.grads = [np.zeros_like(W)]

    def forward(self, ids):
        self.ids = ids
        return self.params[0][ids]

    def backward(self, dout):
        dW = self.grads[0]
        dW[...] = 0
        np.add.at(dW, self.ids, dout)


class TimeEmbedding:
    """Word vectors for T steps: xs [N, T] -> [N, T, D]."""

    def __init__(self, W):
        self.params = [W]
        self.grads = [np.zeros_like(W)]

    def forward(self, xs):
        N, T = xs.shape
        out = np.empty((N, T, self.params[0].shape[1]), dtype='f')
        self.steps = []
        for t in range(T):
            step = Embedding(*self.params)
            out[:, t, :] = step.forward(xs[:, t])
            self.steps.append(step)
        return out

    def backward(self, dout):
        total = 0
        for t, step in enumerate(self.steps):
            step.backward(dout[:, t, :])
            total += step.grads[0]
        self.grads[0][...] = total


class TimeAffine:
    """Scores of all words at every step: xs [N, T, H] -> [N, T, V]."""

    def __init__(self, W, b):
        self.params = [W, b]
        self.grads = [np.zeros_like(p) for p in self.params]

    def forward(self, xs):
        N, T, H = xs.shape
        W, b = self.params
        self.rows = xs.reshape(N * T, H)
        return (np.dot(self.rows, W) + b).reshape(N, T, -1)

    def backward(self, dout):
        N, T, V = dout.shape
        rows = dout.reshape(N * T, V)
        self.grads[0][...] = np.dot(self.rows.T, rows)
        self.grads[1][...] = np.sum(rows, axis=0)
        return np.dot(rows, self.params[0].T).reshape(N, T, -1)


class TimeSoftmaxWithLoss:
    """Mean cross-entropy over N T targets: scores [N, T, V], ts [N, T] -> loss."""

    def forward(self, xs, ts):
        self.shape = xs.shape
        scores = xs.reshape(-1, xs.shape[2])
        scores = scores - scores.max(axis=1, keepdims=True)
        probabilities = np.exp(scores)
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        self.cache = (probabilities, ts.reshape(-1))
        return -np.mean(np.log(probabilities[np.arange(ts.size), ts.reshape(-1)]))

    def backward(self):
        dx, targets = self.cache
        dx[np.arange(targets.size), targets] -= 1
        dx /= targets.size
        return dx.reshape(self.shape)


class SimpleRnnlm:
    """TimeEmbedding -> TimeRNN -> TimeAffine -> TimeSoftmaxWithLoss."""

    def __init__(self, V, D, H):
        normal = np.random.default_rng(1).standard_normal
        weights = lambda rows, columns: (normal((rows, columns)) / math.sqrt(rows)).astype('f')
        self.layers = [
            TimeEmbedding((normal((V, D)) / 100).astype('f')),
            TimeRNN(weights(D, H), weights(H, H), np.zeros(H, 'f')),
            TimeAffine(weights(H, V), np.zeros(V, 'f')),
        ]
        self.loss_layer = TimeSoftmaxWithLoss()
        self.params = [param for layer in self.layers for param in layer.params]
        self.grads = [grad for layer in self.layers for grad in layer.grads]

    def forward(self, xs, ts):
        for layer in self.layers:
            xs = layer.forward(xs)
        return self.loss_layer.forward(xs, ts)

    def backward(self):
        dout = self.loss_layer.backward()
        for layer in reversed(self.layers):
            dout = layer.backward(dout)


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def update(self, params, grads):
        for param, grad in zip(params, grads):
            param -= self.lr * grad


class Training:
    """A new model and what its training goes on with from epoch to epoch."""

    def __init__(self, task):
        N, T = task['batchSize'], task['timeSize']
        corpus = np.array(task['corpus'])
        self.xs, self.ts = corpus[:-1], corpus[1:]
        self.model = SimpleRnnlm(task['vocabSize'], task['wordvecSize'], task['hiddenSize'])
        self.optimizer = SGD(task['learningRate'])
        size = len(self.xs)
        self.iterations_per_epoch = size // (N * T)
        self.block = (np.arange(N) * (size // N))[:, None] + np.arange(T)

    def step(self):
        """One iteration; returns its loss."""
        loss = self.model.forward(self.xs[self.block], self.ts[self.block])
        self.model.backward()
        self.optimizer.update(self.model.params, self.model.grads)
        self.block = (self.block + self.block.shape[1]) % len(self.xs)
        return loss

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
