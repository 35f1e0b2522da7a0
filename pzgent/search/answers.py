"""Direct answers: a number, a day or a meaning that the question asks for, above the results."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from contact.holidays import PUBLIC_HOLIDAY_NAMES, named_public_holidays, public_holiday_on
from contact.hours_sentences import clock_text
from contact.models import Channel
from contact.models.kinds import ChannelKind, Urgency
from contact.opening_hours import CLOSED, intervals_of
from contact.shared import public_channels, school_calendar
from organisation.comparison import get_comparison, grouped, version_on
from organisation.models import (
    KeyFigure,
    LineKind,
    Placement,
    StaffingLine,
    StaffingTable,
    Term,
    Unit,
    UnitKind,
)
from organisation.shared import lines_beside_trees, published_organograms
from organisation.structure import Change
from organisation.templatetags.organisation_tags import number
from pzgent.kernel import clock
from pzgent.kernel.folding import fold
from pzgent.kernel.paths import path_of
from pzgent.kernel.translations import DUTCH, Text
from pzgent.search import SearchResults
from pzgent.search.questions import Words
from pzgent.search.words import LEAD, QUESTION_WORDS, languages_of, words_of

DAY_AND_MONTH = re.compile(r"\b(\d{1,2})\s*[/.-]\s*(\d{1,2})\b")
ORDINAL = "er|st|nd|rd|th"
NUMBER = re.compile(r"\d{2,7}")
SEPARATORS = re.compile(r"(?<=\d)[ .](?=\d{3}\b)")
MOST_LINES = 5
POLICE = frozenset({"politie", "police", "polizei", "korps"})


@dataclass(frozen=True)
class DirectAnswer:
    """The answer to a question: its heading, its lines, and the page that says more.

    `is_whole` is True if it leaves no need for the cards of topics below it.
    """

    title: str
    lines: list[Text]
    url: str
    link: str
    is_whole: bool = True


def answer_directly(question: str, results: SearchResults) -> DirectAnswer | None:
    """Return the direct answer to a question, if it asks for a day, a number, a change or a meaning."""
    language = (get_language() or DUTCH)[:2]
    words = Words.of(languages_of(question, language, LEAD))
    asked = set(words_of(question))
    if asked & words.groups["open"] and (day := day_meant(question)):
        return _on_day(day)
    if asked & words.groups["change"] and asked & words.groups["organogram"]:
        return _changes()
    if asked & words.groups["who"] and asked & words.groups["lead"] and (found := _leaders(results)):
        return found
    if NUMBER.fullmatch(bare := SEPARATORS.sub("", question.strip())):
        return _typed_number(Decimal(bare))
    if asked & words.groups["count"]:
        return _staff(asked, words) or _figure(results)
    if asked & words.groups["mean"] or words.asks_meaning(" ".join(words_of(question))):
        return _meaning(results)
    return None


def _changes() -> DirectAnswer:
    """Return what the organogram in force changed, or that the organogram shows it if there is nothing before it."""
    title, link = _("What changed in the organogram?"), _("Compare two days in the organogram")
    versions = list(published_organograms().values())
    found = get_comparison(versions, version_on(versions, clock.today()), None)
    if found is None:
        told = _("The organogram shows for each part what came, went, moved or got another name.")
        return DirectAnswer(title, [Text(told)], path_of("organogram"), link)
    since = _("Since %(day)s:") % {"day": date_format(found.new.valid_from)}
    lines = [
        Text(f"{since} {heading}: {_named_together(changes)}")
        for _kind, heading, changes in grouped(found.changes)[:MOST_LINES]
    ] or [Text(_("Nothing changed between these two versions."))]
    return DirectAnswer(title, lines, f"{found.address}#changes", link)


def _named_together(changes: Sequence[Change]) -> str:
    """Return the names of the first changed units, and the number of the others."""
    names = [change.name for change in changes[:MOST_LINES]]
    rest = len(changes) - len(names)
    return ", ".join(names) + (f" (+{rest})" if rest else "")


def _leaders(results: SearchResults) -> DirectAnswer | None:
    """Return the posts that lead the unit that is found first, or what that unit does if it is a post itself."""
    unit = next((hit.item for hit in results.first if hit.type == "unit"), None)
    if not isinstance(unit, Unit):
        return None
    place = Placement.objects.in_organogram_of().filter(unit=unit).first()
    if place is None:
        return None
    led = [line for line in lines_beside_trees() if line.place.pk == place.pk and line.kind == LineKind.LED]
    told = [line.place_above.name for line in sorted(led, key=lambda line: bool(line.note))]
    title = _("Who leads: %(unit)s") % {"unit": place.name}
    if not told and place.kind == UnitKind.FUNCTIE and unit.summary:
        title, told = place.name, [unit.summary]
    lines = [Text(text, DUTCH) for text in told]
    return DirectAnswer(title, lines, unit.get_absolute_url(), _("More about this part")) if lines else None


def _staff(asked: set[str], words: Words) -> DirectAnswer | None:
    """Return the number of posts of the grade that is asked for, or of all staff."""
    grades = {
        code
        for groups in QUESTION_WORDS.values()
        for code, names in groups["grades"].items()
        if asked.intersection(names)
    }
    is_staff = asked & words.groups["staff"] or (
        asked & words.groups["crowd"] and asked & words.groups["work"] and asked & POLICE
    )
    if not (grades or is_staff):
        return None
    table = StaffingTable.objects.in_force().formations().first()
    if table is None:
        return None
    lines = [
        Text(f"{line.grade.name}: {number(line.count)}", DUTCH)
        for line in StaffingLine.objects.filter(table=table, grade__code__in=grades, unit=None)
        .exclude(count=None)
        .select_related("grade")
        .order_by("grade__rank")
    ]
    if not grades and table.grand_total is not None:
        lines = [Text(_("%(number)s posts in all") % {"number": number(table.grand_total)})]
    day = date_format(table.valid_from) if table.valid_from else ""
    title = _("Posts in the formation of %(day)s") % {"day": day}
    return DirectAnswer(title, lines, table.get_absolute_url(), _("The whole formation")) if lines else None


def _figure(results: SearchResults) -> DirectAnswer | None:
    """Return the key figure that is the best hit."""
    best = results.hits[0].item if results.hits and results.hits[0].type == "keyFigure" else None
    return _of_figure(best) if isinstance(best, KeyFigure) and best.value is not None else None


def _of_figure(figure: KeyFigure) -> DirectAnswer:
    text = f"{number(figure.value)}: {figure.label}"
    return DirectAnswer(_("The number"), [Text(text, DUTCH)], figure.get_absolute_url(), _("All figures"))


def _typed_number(value: Decimal) -> DirectAnswer | None:
    """Return the key figure or the line of the formation with this value."""
    figure = KeyFigure.objects.published().filter(value=value).first()
    if figure:
        return _of_figure(figure)
    tables = StaffingTable.objects.in_force().formations().order_by()
    line = (
        StaffingLine.objects.filter(table__in=tables, count=value, unit=None)
        .select_related("grade", "table")
        .first()
    )
    if line is None:
        return None
    text = Text(f"{line.grade.name}: {number(line.count)}", DUTCH)
    return DirectAnswer(_("The number"), [text], line.table.get_absolute_url(), _("The whole formation"))


def _meaning(results: SearchResults) -> DirectAnswer | None:
    """Return the term that is the best hit, with what it means."""
    best = results.hits[0].item if results.hits and results.hits[0].type == "term" else None
    if not isinstance(best, Term):
        return None
    lines = [Text(text, DUTCH) for text in (best.expansion, best.explanation) if text]
    return DirectAnswer(best.abbreviation, lines, best.get_absolute_url(), _("The whole glossary"))


def _on_day(day: datetime.date) -> DirectAnswer:
    """Return the hours of the phone lines on a day, and that desks work by appointment."""
    title, holiday = f"{capfirst(date_format(day, 'l'))} {date_format(day)}", public_holiday_on(day)
    lines = [
        Text(
            f"{channel.topic.translated.title}: {_hours(channel, day)}",
            channel.topic.translated.title.language,
        )
        for channel in _lines_with_hours()
    ]
    lines.append(Text(_("The desks work by appointment: call first."), get_language() or DUTCH))
    title = f"{title} ({holiday})" if holiday else title
    return DirectAnswer(title, lines, path_of("stations"), _("All police stations"), is_whole=False)


def _lines_with_hours() -> list[Channel]:
    """Return the first phone line of each schedule, without those of the emergency topics."""
    channels = public_channels()
    emergencies = {channel.topic_id for channel in channels if channel.urgency == Urgency.EMERGENCY}
    by_schedule: dict[object, Channel] = {}
    for channel in sorted(channels, key=lambda channel: (channel.topic.position, channel.position)):
        if channel.kind == ChannelKind.PHONE and channel.schedule_id and channel.topic_id not in emergencies:
            by_schedule.setdefault(channel.schedule_id, channel)
    return list(by_schedule.values())[:MOST_LINES]


def _hours(channel: Channel, day: datetime.date) -> str:
    """Return the hours of a channel on a day in words."""
    if channel.schedule is None:
        return _("not known")
    found = intervals_of(channel.schedule, day, day, school_calendar(), channel)
    if len(found) == 1:
        return _("closed") if found[0].state == CLOSED else _("open all day")
    times = [
        f"{clock_text(item.start.time())} – {clock_text(item.end.time())}"
        for item in found
        if item.state != CLOSED
    ]
    return ", ".join(times) or _("not known")


def day_meant(question: str) -> datetime.date | None:
    """Return the coming day that a question names: a date, a public holiday or a day of the week; None if none."""
    today = clock.today()
    if typed := DAY_AND_MONTH.search(question):
        return _coming(int(typed[1]), int(typed[2]), today)
    text = " ".join(words_of(question))
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            if found := _named(text, today):
                return found
    for groups in QUESTION_WORDS.values():
        for ahead, names in enumerate((groups["today"], groups["tomorrow"])):
            if set(names).intersection(text.split()):
                return today + datetime.timedelta(days=ahead)
    return None


def _named(text: str, today: datetime.date) -> datetime.date | None:
    """Return the coming day that the text names in the language in force."""
    for month, name in MONTHS.items():
        month_name = fold(str(name))
        pattern = (
            rf"\b(\d{{1,2}})(?:{ORDINAL})? (?:of )?{month_name}\b|\b{month_name} (\d{{1,2}})(?:{ORDINAL})?\b"
        )
        if found := re.search(pattern, text):
            return _coming(int(found[1] or found[2]), month, today)
    holidays = {fold(str(name)): str(name) for name in PUBLIC_HOLIDAY_NAMES.values()}
    for folded, name in holidays.items():
        if folded in text:
            return _next_holiday(name, today)
    for weekday, name in WEEKDAYS.items():
        if re.search(rf"\b{fold(str(name))}s?\b", text):
            return today + datetime.timedelta(days=(weekday - today.weekday()) % 7)
    return None


def _next_holiday(name: str, today: datetime.date) -> datetime.date | None:
    """Return the coming day of the public holiday with this name."""
    for year in (today.year, today.year + 1):
        for day, called in sorted(named_public_holidays(year).items()):
            if str(called) == name and day >= today:
                return day
    return None


def _coming(day: int, month: int, today: datetime.date) -> datetime.date | None:
    """Return the coming day with this day and month; None if there is no such day."""
    for year in (today.year, today.year + 1):
        try:
            found = datetime.date(year, month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    return None
