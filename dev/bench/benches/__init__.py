"""The benchmarks, a file each: `run(effort, step)` measures, and says by `step` what it is at."""
