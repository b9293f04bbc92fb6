"""What viewers are notified of, and the vendor that carries it."""
