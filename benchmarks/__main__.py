"""``python -m benchmarks NAME [--json FILE] [--check]``: measure, show a table, write it, hold it against its limits."""

import argparse
import importlib
import os
import sys
from pathlib import Path

from . import harness

NAMES = {
    "circuits": "10,000 random gates on 2^20 inputs, against numpy, and a Boolean learner, against a hand-written lax.scan",
    "composition": "training steps and chains, against hand-written JAX and optax",
    "derivatives": "gradients by composition and Jacobians of chains, against jax.grad, jax.jacfwd and jax.jacrev",
    "fit": "60,000 steps of a small network on the irises, against a hand-written lax.scan loop",
    "gaussian": "Gaussian processes of 100 and of 2,000 points, from the covariance to the posterior, against limits",
    "inference": "smoothing of chains and marginals of networks, against dynamax, cuthbert, hmmlearn, pgmpy, pyAgrum and loops by hand",
    "probability": "composition and inversion of finite kernels, against jnp.matmul and EfProb",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark that the arguments name; 1 if a gate fails."""
    names = "\n".join(f"  {name:12} {about}" for name, about in NAMES.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="What catlearn costs, beside named peers on the same work.",
        epilog=f"benchmarks:\n{names}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--json", type=_file, metavar="FILE", help="write header and rows here")
    parser.add_argument("--check", action="store_true", help="exit with 1 and a name if a limit is exceeded")
    options = parser.parse_args(arguments)

    benchmark = importlib.import_module(f"benchmarks.{options.name}")
    rows = benchmark.measure()
    print(harness.table(rows))
    if options.json:
        try:
            harness.write(options.json, rows)
        except OSError as error:
            parser.error(f"cannot write {options.json}: {error.strerror}; nothing was written")
    if not options.check:
        return 0
    failures = [failure for gate in benchmark.gates(rows) if (failure := gate.failure(rows))]
    for failure in failures:
        print(f"FAILED {failure}", file=sys.stderr)
    print(f"{len(benchmark.gates(rows)) - len(failures)} limits kept, {len(failures)} exceeded")
    return 1 if failures else 0


def _file(name: str) -> Path:
    """A file that can be written, known before the minutes of measuring."""
    file = Path(name)
    if file.is_dir():
        raise argparse.ArgumentTypeError(f"{name} is a folder, but a file is needed")
    if not file.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {file.parent} to write {file.name} in")
    if not os.access(file.parent, os.W_OK) or (file.exists() and not os.access(file, os.W_OK)):
        raise argparse.ArgumentTypeError(f"{name} cannot be written: permission denied")
    return file


if __name__ == "__main__":
    sys.exit(main())
