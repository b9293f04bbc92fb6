"""`make mutants`: each condition that the promise rests on is removed, and somebody notices."""
