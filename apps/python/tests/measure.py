"""What functions of one's own cost: ratios of times on benchmark A (dandi2024/benchmark_a), theory only.

usage: PYTHONPATH=build/release/apps/python python3 apps/python/tests/measure.py [POINTS] [ROUNDS]
"""
import sys
import time

import numpy as np

import reprise as rp

ONE = rp.Experiment.from_file("dandi2024/benchmark_a")
THEORY = next(m for m in ONE.curves.values() if type(m) is rp.DMFT)


def relu(h):
    return np.maximum(h, 0)


def slope(h):
    return (h > 0).astype(float)


def target(z1, z2):
    return np.tanh(z1 + z2**3 - 3 * z2)


def variants():
    problem = ONE.problem
    assert problem.target.expression == "tanh(z1 + He3(z2))" and problem.student.activation == "relu"
    own = rp.Activation(relu, slope)
    return {
        "expression": problem,
        "target": problem.replace(target=problem.target.replace(expression=rp.TargetFunction(target))),
        "activation": problem.replace(student=problem.student.replace(activation=own)),
        "loss": problem.replace(loss=rp.Loss(lambda f, y: (f - y) ** 2 / 2, lambda f, y: f - y)),
    }


def seconds(problem, points, threads):
    start = time.perf_counter()
    rp.solve(problem, ONE.algorithm, THEORY.replace(points=points), threads=threads)
    return time.perf_counter() - start


def ratios(points, rounds, threads):
    """Of the shortest times, rounds taken in turn."""
    best = {}
    for _ in range(rounds):
        for name, problem in variants().items():
            best[name] = min(best.get(name, np.inf), seconds(problem, points, threads))
    return best["expression"], {name: value / best["expression"] for name, value in best.items()}


if __name__ == "__main__":
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 65536
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    for threads in (1, 2):
        base, found = ratios(points, rounds, threads)
        print(f"{threads} threads, {points} points: expression {base:.3f} s; "
              + ", ".join(f"{name} {value:.2f}" for name, value in found.items()))
