"""gunicorn as this project sets it up, in front of an app of the tests."""
