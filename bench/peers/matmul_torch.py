"""Products of float32 matrices by torch.matmul."""
import torch

from protocol import warm_up
from torch_contestant import serve, start


def operand(rows, columns, is_transposed):
    """A random matrix [rows, columns]; transposed means that its transpose is what lies row by row in memory."""
    if is_transposed:
        return operand(columns, rows, False).t()
    return torch.randn(rows, columns)


def relative_error(a, b, out):
    """|out x - a (b x)| / |a (b x)| for a random vector x, in float64."""
    x = torch.randn(b.shape[1], dtype=torch.float64)
    exact = a.double() @ (b.double() @ x)
    return (out.double() @ x - exact).norm() / exact.norm()


def prepare(task, case, multiply):
    """One case: a function that measures a round, and the error."""
    m, n, k = case['m'], case['n'], case['k']
    a = operand(m, k, case['transA'])
    b = operand(k, n, case['transB'])
    out = torch.empty(m, n)
    measure = warm_up(task, lambda: multiply(a, b, out))
    return measure, relative_error(a, b, out).item()


def run(multiply):
    """The whole contestant, given what writes the product of two matrices to a third."""
    task = start()
    torch.manual_seed(1)
    torch.set_grad_enabled(False)
    measures, errors = zip(*[prepare(task, case, multiply) for case in task['cases']])
    serve(task, max(errors), measures)


if __name__ == '__main__':
    run(lambda a, b, out: torch.matmul(a, b, out=out))
