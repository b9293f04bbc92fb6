"""Decision 2 as a model that is searched to its end, and the table of all that the promise rests on."""
