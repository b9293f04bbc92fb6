"""What callers see, whichever way they come: documents as JSON, problems in two languages, security headers."""
