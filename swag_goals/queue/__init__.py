"""The queue between the request and its job, and who works on it."""
