"""A text field that holds a small, safe subset of HTML."""

from typing import Any

import nh3
from django.db import models

ALLOWED_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "h3", "h4", "blockquote", "abbr"}
ALLOWED_ATTRIBUTES = {"a": {"href", "hreflang", "lang"}, "abbr": {"title"}, "p": {"lang"}, "li": {"lang"}}
ALLOWED_SCHEMES = {"http", "https", "mailto", "tel"}


def clean_html(text: str) -> str:
    """The text with everything outside the allowed subset removed."""
    return nh3.clean(
        text,
        tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        url_schemes=ALLOWED_SCHEMES,
        link_rel=None,
    )


class RichTextField(models.TextField):
    """Text cleaned on every way into the database, not only through forms."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Clean the value right before it is written."""
        cleaned = clean_html(getattr(model_instance, self.attname) or "")
        setattr(model_instance, self.attname, cleaned)
        return cleaned
