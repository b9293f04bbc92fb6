"""Who calls: tokens, and which of them are revoked."""
