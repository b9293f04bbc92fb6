"""How `make docs` builds this folder; nothing of it needs another host."""

import re
from pathlib import Path

from sphinx.application import Sphinx

project = "swag_goals"
extensions = ["docs.api_description"]
exclude_patterns = ["_build"]
nitpicky = True
# The API's description has its code in single backticks.
default_role = "code"
highlight_language = "text"

html_theme = "furo"
html_title = project
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_copy_source = False
html_show_copyright = False


def setup(app: Sphinx) -> None:
    """Let the README, which is the front page, find its pictures and pages from here as well."""
    app.connect("include-read", _as_seen_from_here)


def _as_seen_from_here(_app: Sphinx, path: Path, _document: str, content: list[str]) -> None:
    if path.name == "README.rst":
        pictures = content[0].replace(":: docs/", ":: ")
        content[0] = re.sub(r"`([^`<]+?)\s+<docs/([\w/-]+)\.rst>`__", r":doc:`\1 <\2>`", pictures)
