"""The benchmarks, a file each: `run(effort, step)` measures, and tells by `step` what it is at."""
