"""Beside the product: the whole system on one machine, the drills that break it, the benchmarks that time it."""
