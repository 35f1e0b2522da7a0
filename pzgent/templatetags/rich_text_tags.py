"""Template filters for texts with formatting."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from pzgent.kernel.links import page_html, permanent_html
from pzgent.kernel.rich_text import to_text

register = template.Library()


@register.filter
def rich_text(text: str) -> SafeString:
    """Return the text with its formatting; its links lead to the current addresses of rows."""
    return mark_safe(page_html(text))  # noqa: S308  # cleaned to the allowed tags, or escaped


@register.filter
def permanent_rich_text(text: str) -> SafeString:
    """Return the text with its formatting, without reading the database: its links lead to permanent addresses."""
    return mark_safe(permanent_html(text))  # noqa: S308  # cleaned to the allowed tags, or escaped


@register.filter
def plain_text(text: str) -> str:
    """Return the text without its formatting."""
    return to_text(text)
