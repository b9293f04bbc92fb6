"""Others that do the same work: the same record, guard, ledger and events on another queue or framework."""
