"""Template tags and filters for numbers, dates and structures."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from html import escape
from uuid import UUID

from django import template
from django.conf import settings
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from organisation.comparison import Comparison, remark_on
from organisation.listing import ListedUnit, Listing
from organisation.models import KeyFigure, Partner, Placement, Policy, Unit, UnitKind
from organisation.models.figures import Qualifier
from organisation.places import NamedUnit
from organisation.shared import partners_by_unit
from organisation.structure import Change
from pzgent.kernel.editions import DatePrecision
from pzgent.kernel.paths import path_of
from pzgent.kernel.publishing import MissingReason

register = template.Library()


@register.simple_tag
def not_published(reason: str = "") -> SafeString:
    """Return the placeholder for a fact that is not published, with its `MissingReason` if known."""
    text = gettext("not in our source")
    if reason:
        text = gettext("%(text)s: %(reason)s") % {"text": text, "reason": MissingReason(reason).label}
    return format_html('<span class="not-published">{}</span>', text)


@register.filter
def number(value: Decimal | int | None, reason: str = "") -> str:
    """Format a number for the active language (1.181), or return “not published” with the reason if known."""
    if value is None:
        return not_published(reason)
    whole = value == int(value)
    return number_format(int(value) if whole else Decimal(value).normalize(), force_grouping=True)


@register.filter
def number_text(value: Decimal | int | None) -> str:
    """Like `number`, as plain text for a chart."""
    return gettext("not in our source") if value is None else number(value)


@register.filter
def bare(value: Decimal | int) -> str:
    """Format a number for use in an attribute, without separators: 1181."""
    text = f"{Decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def signed(value: Decimal) -> str:
    """Format a difference with its sign: +12, −3 or 0."""
    sign = "+" if value > 0 else "\u2212" if value < 0 else ""
    return f"{sign}{number(abs(value))}"


@register.filter
def to_the(day: datetime.date, precision: str) -> str:
    """Format a day with the precision of its source: 26 april 2021, april 2021 or 2021."""
    formats = {DatePrecision.MONTH: "F Y", DatePrecision.YEAR: "Y"}
    return date_format(day, formats.get(DatePrecision(precision), "DATE_FORMAT"))


@register.filter
def figure_target(figure: KeyFigure) -> str:
    """Return the target of a key figure, with its unit of measure."""
    text = number(figure.target) if figure.unit else bare(figure.target or 0)
    return format_html("<strong>{}</strong> {}", text, _measure(figure))


@register.filter
def figure_value(figure: KeyFigure) -> str:
    """Return a key figure with its qualifier and unit of measure, or “not published” and why."""
    if figure.value is None:
        return not_published(figure.value_missing)
    # Without a unit of measure it is a code or a rank, which has no thousands separator (zone 5415).
    text = number(figure.value) if figure.unit else bare(figure.value)
    if figure.value_max is not None:
        text = gettext("%(low)s to %(high)s") % {"low": text, "high": number(figure.value_max)}
    if figure.qualifier != Qualifier.EXACT:
        text = f"{figure.get_qualifier_display()} {text}"
    return format_html("<strong>{}</strong> {}", text, _measure(figure))


def _measure(figure: KeyFigure) -> str:
    """Return the unit of measure, marked as Dutch on pages in another language."""
    mark = SafeString(language_mark())
    return format_html("<span{}>{}</span>", mark, figure.unit) if mark and figure.unit else figure.unit


@register.filter
def action_count(policy: Policy) -> int:
    """Return the number of published actions of a policy; uses the prefetch of `with_actions`."""
    return sum(len(domain.actions.all()) for domain in policy.domains.all())


@register.simple_tag
def structure_list(listing: Listing) -> SafeString:
    """Return the structure as nested collapsible lists; the name of a unit is always a link, never a toggle.

    Generated in Python and not by a recursive template: linear time, and no limit to the depth.
    """
    return mark_safe("".join(_list_parts(listing)))  # noqa: S308  # every value is escaped in _list_parts


def _list_parts(listing: Listing) -> Iterator[str]:
    kinds, address, mark = _kinds(), _unit_address(), language_mark()
    yield '<ul class="structure" id="tree">'
    stack: list[ListedUnit | str] = list(reversed(listing.tops))
    while stack:
        line = stack.pop()
        if isinstance(line, str):
            yield line
            continue
        states = [name for name, is_so in (("over", line.is_over), ("hit", line.is_hit)) if is_so]
        state = f' class="{" ".join(states)}"' if states else ""
        hidden = " hidden" if line.is_hidden else ""
        yield f'<li id="in-{escape(line.node.slug)}"{state}{hidden}>{_name(line, address, mark)}'
        yield f' <span class="kind">{kinds[line.node.kind]}</span>{_marks(line)}'
        if not line.children:
            yield "</li>"
            continue
        is_open = " open" if line.is_open else ""
        yield f"<details{is_open}><summary>{_count(line)}</summary><ul>"
        stack.append("</ul></details></li>")
        stack.extend(reversed(line.children))
    yield "</ul>"


@register.simple_tag
def structure_rows(listing: Listing, lines: dict[str, list[tuple[str, str]]]) -> SafeString:
    """Return the structure as table rows: name with path and functional lines, kind, abbreviation if any has one.

    Only units of the version shown. `lines` maps the slug of a unit to its functional lines.
    """
    return mark_safe("".join(_row_parts(listing, lines)))  # noqa: S308  # every value is escaped in _row_parts


def _row_parts(listing: Listing, lines: dict[str, list[tuple[str, str]]]) -> Iterator[str]:
    kinds, address, mark = _kinds(), _unit_address(), language_mark()
    paths: dict[ListedUnit | None, str] = {None: ""}
    for line in listing.lines:
        if line.is_over:
            continue
        node, path = line.node, paths[line.parent]
        name = escape(node.name)
        linked = f'<a{mark} href="{address}{escape(node.slug)}">{name}</a>' if node.has_page else name
        above = f'<span class="path"{mark}>{path}</span>' if path else ""
        for kind, other in lines.get(node.slug, ()):
            above += f'<span class="path">{escape(kind)}: <span{mark}>{escape(other)}</span></span>'
        hidden = " hidden" if listing.hits is not None and not line.is_hit else ""
        yield f'<tr{hidden}><th scope="row">{linked}{above}</th><td>{kinds[node.kind]}</td>'
        yield f"<td>{escape(node.abbreviation)}</td></tr>" if listing.has_abbreviations else "</tr>"
        paths[line] = f"{path} › {name}" if path else name


def _kinds() -> dict[str, str]:
    """Return the escaped labels of the kinds in the active language, looked up once."""
    return {value: escape(str(label)) for value, label in UnitKind.choices}


def _unit_address() -> str:
    """Return the part before the slug in the URL of a unit's page."""
    return path_of("unit-detail", "x")[:-1]


def language_mark() -> str:
    """Return the `lang` attribute for names, which are Dutch, on a page in another language."""
    return "" if get_language() == settings.LANGUAGE_CODE else ' lang="nl"'


def _name(line: ListedUnit, address: str, mark: str) -> str:
    """Return the name, with the parent for duplicate names; struck through if the unit has ended."""
    node = line.node
    name: str = escape(line.label)
    if line.is_over:
        name = f"<del>{name}</del>"
    if line.near:
        name += f' <span class="near">{escape(line.near)}</span>'
    if node.has_page:
        return f'<a{mark} href="{address}{escape(node.slug)}">{name}</a>'
    return f"<span{mark}>{name}</span>"


def _marks(line: ListedUnit) -> str:
    """Return the changes of a unit between two organograms, in words."""
    words = []
    for mark in line.marks:
        remark = f" {escape(mark.remark)}" if mark.remark else ""
        words.append(f' <strong class="mark mark-{mark.kind}">{escape(mark.word)}</strong>{remark}')
    return "".join(words)


def _count(line: ListedUnit) -> str:
    """Return the number of children; the noun is only for screen readers."""
    count = len(line.children)
    of = f"{line.node.name} {line.near}".strip()
    label = ngettext("part of %(name)s", "parts of %(name)s", count) % {"name": of}
    return f'{count}<span class="visually-hidden"> {escape(label)}</span>'


@register.simple_tag
def change_remark(change: Change, comparison: Comparison) -> str:
    """Return the remark on a change, shown after the unit's name."""
    remark = remark_on(change, comparison)
    if not remark and change.kind == "created" and change.after:
        remark = gettext("part of %(above)s") % {"above": change.after}
    return f": {remark}" if remark else ""


@register.simple_tag
def found_words(count: int) -> str:
    """Return the text with the number of units that match a filter."""
    if count == 0:
        return gettext("No part has these words in its name.")
    return ngettext("%(count)s part found.", "%(count)s parts found.", count) % {"count": count}


@register.simple_tag
def found_pattern() -> str:
    """Return the same text for the plural, with {} for the number, which the script fills in."""
    return ngettext("%(count)s part found.", "%(count)s parts found.", 2) % {"count": "{}"}


@register.simple_tag
def steps(path: list[dict[str, object]]) -> SafeString:
    """Return a path of units as text: Directie Operaties › Wijkdienst."""
    return format_html_join(" › ", "{}", ((step["name"],) for step in path))


@register.simple_tag
def unit_link(unit: Unit) -> SafeString:
    """Return the name of a unit, with a link if it has a page."""
    return _linked(unit, str(unit))


@register.simple_tag
def partners_of(unit: Unit) -> Sequence[Partner]:
    """Return the published partners of a unit, by name."""
    return partners_by_unit().get(unit.pk, ())


@register.simple_tag
def units_of(partner: Partner, units: Mapping[UUID, NamedUnit]) -> list[NamedUnit]:
    """Return the units that work with a partner and are visible to the public."""
    return [units[unit.pk] for unit in partner.units.all() if unit.pk in units]


@register.simple_tag
def named_link(named: NamedUnit) -> SafeString:
    """Return the name of a unit after that of its parent, with a link if it has a page."""
    return _linked(named.unit, named.label)


@register.simple_tag
def place_link(place: Placement) -> SafeString:
    """Return the name of a unit in an organogram, with a link if it has a page."""
    return _linked(place.unit, str(place))


def _linked(unit: Unit, name: str) -> SafeString:
    mark = SafeString(language_mark())
    if unit.has_page:
        return format_html('<a{} href="{}">{}</a>', mark, unit.get_absolute_url(), name)
    return format_html("<span{}>{}</span>", mark, name)
