"""How sphinx makes the web site; its sources are staged by ``mlmi site`` and hold site.json."""

from __future__ import annotations

import importlib.util
import json
import os
import re
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from mlmi_course.building.website.folding import fold_deeper

HERE = Path(__file__).parent
STAGED = Path(os.environ.get("MLMI_SITE_SOURCE", HERE / "_build" / "source"))
FACTS = json.loads((STAGED / "site.json").read_text(encoding="utf-8"))

project = FACTS["title"]
author = "The mlmi-course contributors"
copyright = "the mlmi-course contributors; text and pictures CC BY 4.0, code MIT"
version = release = installed("mlmi-course")
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax"]
exclude_patterns = ["notebooks/**"]
templates_path = [str(HERE / "_templates")]

# ---- notebooks: executed before, rendered here ---------------------------------------------

nb_execution_mode = "off"
nb_merge_streams = True
nb_code_prompt_show = "Show the answer"
nb_code_prompt_hide = "Hide the answer"
myst_enable_extensions = ["amsmath", "dollarmath", "html_image"]
myst_heading_anchors = 3
suppress_warnings = ["misc.highlighting_failure"]  # an excerpt with … in it is not Python

# ---- the package ---------------------------------------------------------------------------

autodoc_member_order = "bysource"
autodoc_typehints = "none"
# Some signatures show more arguments than their source, which autodoc cannot read defaults from.
autodoc_preserve_defaults = False
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

# In docstrings |A| is a number of pixels and [1]_ a line of the list below; sphinx would take
# the one for a substitution, the other for a footnote of the whole page, where numbers clash.
_PLAINER = (
    (re.compile(r"(?<!\\)\|"), r"\\|"),
    (re.compile(r"^(\s*)\.\. \[(\d+)\] "), r"\1[\2] "),
    (re.compile(r"\[(\d+)\]_"), r"[\1]"),
    (re.compile(r"^(\s*)([A-Z])\. "), r"\1\2\\. "),  # initials are no numbering
)


def _plainer(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    for number, line in enumerate(lines):
        if not line.lstrip().startswith(">>>"):
            for pattern, instead in _PLAINER:
                line = pattern.sub(instead, line)
            lines[number] = line


def setup(app: Any) -> None:
    """Called by sphinx."""
    app.connect("doctree-read", fold_deeper)
    # before napoleon, which would number the references anew
    app.connect("autodoc-process-docstring", _plainer, priority=100)


# ---- formulae: MathJax 3 with its fonts inside, from this site -----------------------------

# The package carries MathJax; its own extension would choose another output and copy it all.
_mathjax = importlib.util.find_spec("sphinx-mathjax-offline")
_MATHJAX = Path(_mathjax.origin).parent / "static" / "mathjax" / "tex-svg-full.js"
mathjax_path = "tex-svg-full.js"
mathjax3_config = {
    # Formulae that are out of sight wait; speech comes from the assistive MathML.
    "options": {"enableMenu": False, "enableAssistiveMml": True},
    "svg": {"fontCache": "local"},
}

# ---- the look ------------------------------------------------------------------------------

html_theme = "sphinx_book_theme"
html_title = project
html_static_path = [str(HERE / "_static"), str(_MATHJAX)]
if (STAGED / "static").is_dir():
    html_static_path.append(str(STAGED / "static"))
html_favicon = str(HERE / "_static" / "favicon.svg")
html_context = {"default_mode": "auto"}
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_domain_indices = False
html_show_sourcelink = False
html_last_updated_fmt = None
html_sidebars = {
    "**": ["navbar-logo.html", "search-button-field.html", "sbt-sidebar-nav.html"],
}
html_theme_options = {
    "home_page_in_toc": False,
    # the sidebar has a search field already
    "navbar_persistent": [],
    "show_toc_level": 2,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "use_sidenotes": False,
    "show_navbar_depth": 1,
    "search_bar_text": "Search the course",
}
if FACTS["repository"]:
    html_theme_options |= {"repository_url": FACTS["repository"], "use_repository_button": True}
