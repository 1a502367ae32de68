"""Softmax with cross-entropy and its gradient by PyTorch: log_softmax, nll_loss, backward."""
import torch
from torch.nn.functional import log_softmax, nll_loss

from protocol import warm_up
from torch_contestant import serve, start


def main():
    task = start()
    torch.manual_seed(1)
    rows, V = task['batchSize'] * task['timeSize'], task['vocabSize']
    scores = torch.randn(rows, V, requires_grad=True)
    targets = torch.randint(V, (rows,))

    def step():
        scores.grad = None
        loss = nll_loss(log_softmax(scores, dim=1), targets)
        loss.backward()
        return loss.item()

    serve(task, step(), [warm_up(task, step)])


main()
