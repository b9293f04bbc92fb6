"""What MongoDB holds, and the one atomic update."""
