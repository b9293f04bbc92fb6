"""A live stream, a door before it, and a viewer in a browser: what a permission is worth."""
