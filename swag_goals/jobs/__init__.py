"""What happens behind the request: the queue, its job and worker, and the sweeper."""
