"""The contestant's side of the bench protocol (see bench/harness/process.ts), for peers in Python."""
import json
import platform
import sys
import time

from blas import loaded_blas


def read_task():
    """The first line on standard input: the scenario's task as a dictionary."""
    return json.loads(sys.stdin.readline())


def repeats_per_round(task, seconds):
    """How often something that takes `seconds` is done in one round."""
    return max(1, round(task['caseMilliseconds'] / 1000 / seconds))


def warm_up(task, action):
    """Does `action` for the time of a round; returns a function that measures a round of it, in ms per iteration."""
    count = 0
    start = time.perf_counter()
    while True:
        action()
        count += 1
        seconds = time.perf_counter() - start
        if seconds * 1000 >= task['caseMilliseconds']:
            break
    repeats = repeats_per_round(task, seconds / count)

    def measure():
        start = time.perf_counter()
        for _ in range(repeats):
            action()
        return (time.perf_counter() - start) * 1000 / repeats

    return measure


def time_training(task, Training):
    """A round with a new model, in ms per iteration. Its first epoch is not timed: it tells how many epochs fill the
    round. `Training(task)` has `fit(epochs)`, which returns the seconds first, and `iterations_per_epoch`."""
    training = Training(task)
    epochs = repeats_per_round(task, training.fit(1)[0])
    return training.fit(epochs)[0] * 1000 / (epochs * training.iterations_per_epoch)


def answer_rounds(threads, check, versions, measures):
    """Announces itself, then answers each line `run <case>` with what the case's function in `measures` returns: the
    milliseconds per iteration."""
    details = {'python': platform.python_version(), **versions, 'blas': loaded_blas()}
    answer({'ready': True, 'threads': threads, 'check': check, 'details': details})
    for line in sys.stdin:
        word, case = line.split()
        if word != 'run':
            sys.exit(f'expected a line like run 0, got {line!r}')
        answer({'millisecondsPerIteration': measures[int(case)]()})


def answer(message):
    print(json.dumps(message), flush=True)
