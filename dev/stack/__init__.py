"""The whole system on one machine, for development, tests and drills; no part of the product."""
