"""What viewers are told, and the vendor that carries it."""
