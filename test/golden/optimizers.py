"""Writes optimizers.json beside this file: parameters after each of a few updates, and what is remembered at the end.

Run with a Python that has torch and numpy (Debian: python3-torch python3-numpy):
    python3 test/golden/optimizers.py
Everything is computed in float64 from the formulas as they are written down in the book and the papers. Where PyTorch
has the same rule, its own optimizer in float64 has to give the same figures, else the script fails. Parameters and
gradients are float32 numbers, so that every implementation starts from the very same ones. Some gradients are as small
as eps, one element's are always 0, and those of the third update are all 0.
"""
import json, os
import numpy as np
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
SHAPES = [(3, 5), (7,)]
STEPS, LATER = 6, 4  # the learning rate is a quarter from the update LATER on

rng = np.random.default_rng(12)
single = lambda a: a.astype(np.float32).astype(np.float64)
PARAMS = [single(rng.standard_normal(shape)) for shape in SHAPES]
GRADS = [[single(rng.standard_normal(shape) * 10.0 ** rng.integers(-8, 1, shape)) for shape in SHAPES] for _ in range(STEPS)]
for step, (matrix, vector) in enumerate(GRADS):
    matrix[1, 2] = vector[0] = 0
    if step == 2:
        matrix[:] = vector[:] = 0


def sgd(W, g, s, t, lr, weightDecay=0):
    return W - lr * (g + weightDecay * W), {}


def momentum(W, g, s, t, lr, momentum=0.9, lrInVelocity=True, nesterov=False):
    if lrInVelocity:
        v = momentum * s['velocity'] - lr * g
        W = W + (momentum * v - lr * g if nesterov else v)
    else:
        v = momentum * s['velocity'] + g
        W = W - lr * (g + momentum * v if nesterov else v)
    return W, dict(velocity=v)


def book_nesterov(W, g, s, t, lr, momentum=0.9):
    v = s['velocity']
    W = W + momentum * momentum * v - (1 + momentum) * lr * g
    return W, dict(velocity=momentum * v - lr * g)


def nesterov(W, g, s, t, lr, **options):
    return momentum(W, g, s, t, lr, nesterov=True, **options)


def adagrad(W, g, s, t, lr, eps=1e-7):
    h = s['h'] + g * g
    return W - lr * g / (np.sqrt(h) + eps), dict(h=h)


def rmsprop(W, g, s, t, lr, decayRate=0.99, eps=1e-7):
    h = decayRate * s['h'] + (1 - decayRate) * g * g
    return W - lr * g / (np.sqrt(h) + eps), dict(h=h)


def adam(W, g, s, t, lr, beta1=0.9, beta2=0.999, eps=1e-7, correctedEps=False):
    m = beta1 * s['m'] + (1 - beta1) * g
    v = beta2 * s['v'] + (1 - beta2) * g * g
    if correctedEps:  # Algorithm 1 of the paper
        W = W - lr * (m / (1 - beta1 ** t)) / (np.sqrt(v / (1 - beta2 ** t)) + eps)
    else:  # the book, and the end of the paper's section 2
        W = W - lr * np.sqrt(1 - beta2 ** t) / (1 - beta1 ** t) * m / (np.sqrt(v) + eps)
    return W, dict(m=m, v=v)


def adamw(W, g, s, t, lr, beta1=0.9, beta2=0.999, eps=1e-8, weightDecay=0.01):
    shrunk, slots = adam(W, g, s, t, lr, beta1, beta2, eps, True)
    return shrunk - lr * weightDecay * W, slots


def run(rule, slots, lr, options):
    """Parameters after each update, and the slots after the last."""
    params, states, after = PARAMS, [{name: np.zeros(shape) for name in slots} for shape in SHAPES], []
    for t in range(1, STEPS + 1):
        rate = lr if t < LATER else lr / 4
        results = [rule(W, g, s, t, rate, **options) for W, g, s in zip(params, GRADS[t - 1], states)]
        params, states = [W for W, _ in results], [s for _, s in results]
        after.append(params)
    return after, states


def run_torch(make, lr, before_step=None):
    params = [torch.tensor(W, requires_grad=True) for W in PARAMS]
    optimizer, after = make(params), []
    for t in range(1, STEPS + 1):
        group = optimizer.param_groups[0]
        group['lr'] = lr if t < LATER else lr / 4
        if before_step:
            before_step(group, t)
        for p, g in zip(params, GRADS[t - 1]):
            p.grad = torch.tensor(g)
        optimizer.step()
        after.append([p.detach().numpy().copy() for p in params])
    return after


def check(name, after, expected, steps=STEPS):
    for ours, theirs in zip(after[:steps], expected):
        for a, b in zip(ours, theirs):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14, err_msg=name)


def book_eps(group, t):
    """The eps with which PyTorch's Adam computes what the book writes down."""
    group['eps'] = 1e-7 / np.sqrt(1 - 0.999 ** t)


def rounded(a):
    return json.loads(json.dumps(a.tolist()), parse_float=lambda s: float('%.9g' % float(s)))


def case(optimizer, rule, slots, lr, options, make, steps=STEPS, before_step=None):
    after, states = run(rule, slots, lr, options)
    check(optimizer, after, run_torch(make, lr, before_step), steps)
    return dict(optimizer=optimizer, lr=lr, options=options, params=[[rounded(W) for W in params] for params in after],
                slots={name: [rounded(s[name]) for s in states] for name in slots})


O = torch.optim
constant = LATER - 1  # updates before the learning rate changes: from there on the book's velocity is another one
CASES = [
    case('SGD', sgd, [], 0.01, {}, lambda p: O.SGD(p, 0.01)),
    case('SGD', sgd, [], 0.1, dict(weightDecay=0.5), lambda p: O.SGD(p, 0.1, weight_decay=0.5)),
    case('Momentum', momentum, ['velocity'], 0.01, {}, lambda p: O.SGD(p, 0.01, momentum=0.9), constant),
    case('Momentum', momentum, ['velocity'], 0.1, dict(momentum=0.5, lrInVelocity=False), lambda p: O.SGD(p, 0.1, momentum=0.5)),
    case('Nesterov', nesterov, ['velocity'], 0.01, {}, lambda p: O.SGD(p, 0.01, momentum=0.9, nesterov=True), constant),
    case('Nesterov', nesterov, ['velocity'], 0.1, dict(momentum=0.5, lrInVelocity=False),
         lambda p: O.SGD(p, 0.1, momentum=0.5, nesterov=True)),
    case('AdaGrad', adagrad, ['h'], 0.01, {}, lambda p: O.Adagrad(p, 0.01, eps=1e-7)),
    case('AdaGrad', adagrad, ['h'], 0.5, dict(eps=1e-10), lambda p: O.Adagrad(p, 0.5)),
    case('RMSprop', rmsprop, ['h'], 0.01, {}, lambda p: O.RMSprop(p, 0.01, alpha=0.99, eps=1e-7)),
    case('RMSprop', rmsprop, ['h'], 0.1, dict(decayRate=0.9, eps=1e-8), lambda p: O.RMSprop(p, 0.1, alpha=0.9)),
    case('Adam', adam, ['m', 'v'], 0.001, {}, lambda p: O.Adam(p, 0.001), before_step=book_eps),
    case('Adam', adam, ['m', 'v'], 0.1, dict(beta1=0.5, beta2=0.75, eps=1e-8, correctedEps=True),
         lambda p: O.Adam(p, 0.1, betas=(0.5, 0.75))),
    case('AdamW', adamw, ['m', 'v'], 0.001, {}, lambda p: O.AdamW(p, 0.001)),
    case('AdamW', adamw, ['m', 'v'], 0.1, dict(beta1=0.5, beta2=0.75, eps=1e-6, weightDecay=0.5),
         lambda p: O.AdamW(p, 0.1, betas=(0.5, 0.75), eps=1e-6, weight_decay=0.5)),
]
check('Nesterov in the book', run(nesterov, ['velocity'], 0.01, {})[0], run(book_nesterov, ['velocity'], 0.01, {})[0])

if __name__ == '__main__':
    with open(os.path.join(HERE, 'optimizers.json'), 'w') as file:
        json.dump(dict(params=[rounded(W) for W in PARAMS], grads=[[rounded(g) for g in grads] for grads in GRADS],
                       laterUpdate=LATER, cases=CASES), file, separators=(',', ':'))
        file.write('\n')
