"""The control: the same flow as one would write it at first. No ledger, no guard, no sweeper.

The caller has its 202 once RQ has the job, and RQ runs a job again that failed.
"""
