"""What catlearn costs, measured in one process and one run beside named peers on the same work.

``uv run python -m benchmarks NAME [--json FILE] [--check]``
"""
