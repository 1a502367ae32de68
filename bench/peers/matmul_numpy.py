"""Products of float32 matrices by np.matmul: BLAS, called as NumPy users call it."""
import numpy as np

from numpy_contestant import serve, start
from protocol import warm_up

normal = np.random.default_rng(1).standard_normal


def operand(rows, columns, is_transposed):
    """A random matrix [rows, columns]; transposed means that its transpose is what lies row by row in memory."""
    if is_transposed:
        return operand(columns, rows, False).T
    return normal((rows, columns), dtype='f')


def relative_error(a, b, out):
    """|out x - a (b x)| / |a (b x)| for a random vector x, in float64."""
    x = normal(b.shape[1])
    exact = a.astype('d') @ (b.astype('d') @ x)
    return np.linalg.norm(out.astype('d') @ x - exact) / np.linalg.norm(exact)


def prepare(task, case):
    """One case: a function that measures a round, and the error."""
    m, n, k = case['m'], case['n'], case['k']
    a = operand(m, k, case['transA'])
    b = operand(k, n, case['transB'])
    out = np.empty((m, n), 'f')
    measure = warm_up(task, lambda: np.matmul(a, b, out=out))
    return measure, float(relative_error(a, b, out))


def main():
    task = start()
    measures, errors = zip(*[prepare(task, case) for case in task['cases']])
    serve(task, max(errors), measures)


main()
