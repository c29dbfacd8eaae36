"""Benchmarks: each module has `add_arguments(parser)` and `run(arguments)`, which returns a `Report`."""
