"""The story of an extension, from the call to the settled record."""
