"""The HTTP interface: tokens, problems in the caller's language, and thin views."""
