"""`make bench`: how fast it is, beside others that do the same work on the same servers.

Whatever is measured is checked as well: each extension in MongoDB and at a viewer's pusher-js.
"""
