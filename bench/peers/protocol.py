"""The contestant's side of the bench protocol (see bench/harness/process.ts), for peers in Python."""
import json
import sys


def read_task():
    """The first line on standard input: the scenario's task as a dictionary."""
    return json.loads(sys.stdin.readline())


def repeats_per_round(task, seconds):
    """How often something that takes `seconds` is done in one round."""
    return max(1, round(task['roundMilliseconds'] / 1000 / seconds))


def answer_rounds(check, details, measure):
    """Announces itself, then answers each line `run` with what `measure()` returns: milliseconds per iteration."""
    answer({'ready': True, 'check': check, 'details': details})
    for line in sys.stdin:
        if line.strip() != 'run':
            sys.exit(f'expected the line run, got {line!r}')
        answer({'millisecondsPerIteration': measure()})


def answer(message):
    print(json.dumps(message), flush=True)
