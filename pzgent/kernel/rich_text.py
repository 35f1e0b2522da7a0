"""A text field that holds a small, safe subset of HTML."""

from typing import Any

import nh3

from pzgent.kernel.cleaning import clean_text
from pzgent.kernel.fields import TextField

ALLOWED_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "h3", "h4", "blockquote", "abbr"}
ALLOWED_ATTRIBUTES = {"a": {"href", "hreflang", "lang"}, "abbr": {"title"}, "p": {"lang"}, "li": {"lang"}}
ALLOWED_SCHEMES = {"http", "https", "mailto", "tel"}


def clean_html(text: str) -> str:
    """Return the HTML without anything outside the allowed subset, and with clean text."""
    html = _within_subset(clean_text(text))
    cleaned = clean_text(html)
    # An entity was an invisible character: once cleaned, “java&shy;script:” would be a working script URL.
    return html if cleaned == html else _within_subset(cleaned)


def _within_subset(html: str) -> str:
    return nh3.clean(
        html,
        tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        url_schemes=ALLOWED_SCHEMES,
        link_rel=None,
    )


class RichTextField(TextField):
    """HTML of the allowed subset."""

    rule = staticmethod(clean_html)
    known_as = ""

    def cleaned(self, value: Any) -> Any:
        """Return the value within the subset; None becomes an empty text."""
        return super().cleaned("" if value is None else value)
