"""`make drill`: whatever dies, paid time is neither lost nor doubled; shown on real processes.

- `crash_points`: each process killed at each step of its work, one after another.
- `chaos`: everything killed and frozen at random moments under load, counted from outside.
- `majority`: two of MongoDB's three members gone, then back.
- `control`: chaos again, on a plain program without the ledger: it must fail.
"""
