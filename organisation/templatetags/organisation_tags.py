"""Numbers, dates and structures as a visitor reads them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from organisation.models import KeyFigure, Policy, UnitKind
from organisation.models.figures import Qualifier
from organisation.structure import Node
from pzgent.publishing import DatePrecision
from pzgent.rich_text import clean_html

register = template.Library()
OPEN_TO_LEVEL = 2


@register.simple_tag
def not_published() -> SafeString:
    """What stands in the place of a fact that the source does not give."""
    return format_html('<span class="not-published">{}</span>', gettext("not published"))


@register.filter
def number(value: Decimal | int | None) -> str:
    """A number the way the language writes it (1.181), or “not published”."""
    if value is None:
        return not_published()
    whole = value == int(value)
    return number_format(int(value) if whole else Decimal(value).normalize(), force_grouping=True)


@register.filter
def bare(value: Decimal | int) -> str:
    """A number for a program, in an attribute: 1181."""
    text = f"{Decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def to_the(day: datetime.date, precision: str) -> str:
    """A day as exactly as its source gives it: 26 april 2021, april 2021 or 2021."""
    formats = {DatePrecision.MONTH: "F Y", DatePrecision.YEAR: "Y"}
    return date_format(day, formats.get(DatePrecision(precision), "DATE_FORMAT"))


@register.filter
def figure_value(figure: KeyFigure) -> str:
    """A key figure with how exact it is and what it counts, or “not published”."""
    if figure.value is None:
        return not_published()
    # Without a unit of measure it is a code or a place in a row: those have no separator (zone 5415).
    text = number(figure.value) if figure.unit else bare(figure.value)
    if figure.value_max is not None:
        text = gettext("%(low)s to %(high)s") % {"low": text, "high": number(figure.value_max)}
    if figure.qualifier != Qualifier.EXACT:
        text = f"{figure.get_qualifier_display()} {text}"
    return format_html("<strong>{}</strong> {}", text, figure.unit)


@register.filter
def rich_text(html: str) -> SafeString:
    """An editor's formatted text, cleaned once more on its way out."""
    return mark_safe(clean_html(html))  # noqa: S308  # cleaned to the allowed tags right here


@register.filter
def action_count(policy: Policy) -> int:
    """How many actions of a policy are published; reads what `with_actions` fetched."""
    return sum(len(domain.actions.all()) for domain in policy.domains.all())


@register.simple_tag
def structure_list(top: Node) -> SafeString:
    """The structure as nested lists that open and close; the name of a unit is always a link, never a switch.

    Written here and not with a template that includes itself: linear, and no limit to the depth.
    """
    return mark_safe("".join(_list_parts(top)))  # noqa: S308  # every value is escaped in _list_parts


def _list_parts(top: Node) -> Iterator[str]:
    kinds, address, mark = _kinds(), _unit_address(), _language_mark()
    yield '<ul class="structure">'
    stack: list[Node | str] = [top]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
            continue
        yield f'<li>{_name(node, address, mark)}{_abbreviation(node)} <span class="kind">{kinds[node.kind]}</span>'
        if not node.children:
            yield "</li>"
            continue
        is_open = " open" if node.level - top.level < OPEN_TO_LEVEL else ""
        yield f"<details{is_open}><summary>{_count(node)}</summary><ul>"
        stack.append("</ul></details></li>")
        stack.extend(reversed(node.children))
    yield "</ul>"


@register.simple_tag
def structure_rows(top: Node) -> SafeString:
    """The structure as rows of a table: name with the path above it, kind, abbreviation."""
    return mark_safe("".join(_row_parts(top)))  # noqa: S308  # every value is escaped in _row_parts


def _row_parts(top: Node) -> Iterator[str]:
    kinds, address, mark = _kinds(), _unit_address(), _language_mark()
    stack: list[tuple[Node, str]] = [(top, "")]
    while stack:
        node, path = stack.pop()
        above = f'<span class="path">{path}</span>' if path else ""
        yield f'<tr><th scope="row">{_name(node, address, mark)}{above}</th><td>{kinds[node.kind]}</td>'
        yield f"<td>{escape(node.abbreviation)}</td></tr>"
        below = f"{path} › {escape(node.name)}" if path else escape(node.name)
        stack.extend((child, below) for child in reversed(node.children))


def _kinds() -> dict[str, str]:
    """The kinds in the reader's language, escaped, looked up once."""
    return {value: escape(label) for value, label in UnitKind.choices}


def _unit_address() -> str:
    """What stands before the slug in the address of a unit's page."""
    return reverse("unit-detail", args=["x"])[:-1]


def _language_mark() -> str:
    """Names are Dutch: says so on a page in another language."""
    return "" if get_language() == settings.LANGUAGE_CODE else ' lang="nl"'


def _name(node: Node, address: str, mark: str) -> str:
    name = escape(node.name)
    if node.has_page:
        return f'<a{mark} href="{address}{escape(node.slug)}">{name}</a>'
    return f"<span{mark}>{name}</span>"


def _abbreviation(node: Node) -> str:
    return f" ({escape(node.abbreviation)})" if node.abbreviation else ""


def _count(node: Node) -> str:
    count = len(node.children)
    label = ngettext("%(count)d part", "%(count)d parts", count) % {"count": count}
    of = gettext("of %(name)s") % {"name": node.name}
    return f'{escape(label)}<span class="visually-hidden"> {escape(of)}</span>'


@register.simple_tag
def steps(path: list[dict[str, object]]) -> SafeString:
    """A path of units as text: Directie Operaties › Wijkdienst."""
    return format_html_join(" › ", "{}", ((step["name"],) for step in path))
