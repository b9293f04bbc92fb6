"""gunicorn's worker class: what happens before Flask."""
