"""Factories for tests: all required fields have defaults, so that a test gives only what matters to it."""

import datetime
import itertools
from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.text import slugify

from contact.models import (
    CareArea,
    Channel,
    Guide,
    GuideStep,
    Location,
    Notice,
    Schedule,
    ScheduleException,
    SchoolHoliday,
    SchoolYear,
    Topic,
    WeeklySlot,
)
from organisation.models import (
    CorporatePlan,
    Document,
    FormerSlug,
    FunctionalLine,
    Grade,
    KeyFigure,
    Organogram,
    Placement,
    Policy,
    PolicyAction,
    PolicyDomain,
    Responsibility,
    StaffingLine,
    StaffingTable,
    Statement,
    StructureStep,
    Succession,
    Term,
    Unit,
)
from projects.models import Objective, Plan, Project, ProjectUnit, ProjectUpdate
from pzgent.kernel.publishing import Publishable
from pzgent.models import (
    AccessibilityGap,
    AccessibilityStatement,
    Bundle,
    Consumer,
    FactAnswer,
    FactCheck,
    PreviewLink,
    SignInEvent,
    SynonymRing,
    Zone,
)

_numbers = itertools.count(1)
# For positions and the like: small integers.
_places = itertools.cycle(range(1, 32_000))
PUBLISHED = "published"


def _named(model: Any, text_field: str, **changes: Any) -> Any:
    number = next(_numbers)
    text = changes.pop(text_field, f"{model._meta.model_name} {number}")
    changes.setdefault("slug", f"{slugify(text)[:60]}-{number}")
    changes.setdefault("status", PUBLISHED)
    return model.objects.create(**{text_field: text}, **changes)


def make_document(**changes: Any) -> Document:
    return _named(Document, "title", **changes)


def make_account(**changes: Any) -> User:
    return User.objects.create_user(f"account-{next(_numbers)}", is_staff=True, **changes)


def make_term(**changes: Any) -> Term:
    return _named(Term, "abbreviation", **changes)


def make_key_figure(**changes: Any) -> KeyFigure:
    return _named(KeyFigure, "label", **{"group": "zone", "value": 1, **changes})


def make_corporate_plan(**changes: Any) -> CorporatePlan:
    return _named(CorporatePlan, "title", **{"valid_from": datetime.date(2021, 1, 1), **changes})


def some_corporate_plan() -> CorporatePlan:
    """Return the oldest corporate plan, created if there is none."""
    return CorporatePlan.objects.order_by("valid_from").first() or make_corporate_plan()


def make_statement(**changes: Any) -> Statement:
    plan = changes.pop("plan", None) or some_corporate_plan()
    return _named(Statement, "text", **{"plan": plan, "kind": "mission", **changes})


def make_organogram(**changes: Any) -> Organogram:
    """Create an organogram; each later one starts a year after the previous one by default."""
    year = 2000 + Organogram.objects.count()
    return _named(Organogram, "title", **{"valid_from": datetime.date(year, 1, 1), **changes})


def make_unit(**changes: Any) -> Unit:
    return _named(Unit, "name", **changes)


def make_placement(organogram: Organogram, parent: Placement | None = None, **changes: Any) -> Placement:
    """Create a placement of a new (or the given) unit in an organogram."""
    name = changes.pop("name", None)
    unit = changes.pop("unit", None) or make_unit(**({"name": name} if name else {}))
    values = {"kind": "dienst" if parent else "korps", "name": name or unit.name, **changes}
    return Placement.objects.create(organogram=organogram, parent=parent, unit=unit, **values)


def make_shown_unit(**changes: Any) -> Unit:
    """Create a unit that the public sees, in another organogram."""
    return make_placement(make_organogram(), unit=make_unit(**changes)).unit


def make_hidden_place(**changes: Any) -> Placement:
    """Create a placement below a hidden unit, in another organogram."""
    organogram = make_organogram()
    top = make_placement(organogram)
    hidden = make_placement(organogram, top, unit=make_unit(publication_level="withheld"))
    return make_placement(organogram, hidden, **changes)


def make_wide_organogram(size: int, **changes: Any) -> Organogram:
    """Create an organogram with `size` placements, ten children per unit, inserted in bulk."""
    organogram = make_organogram(**changes)
    start = next(_numbers)
    units = [
        Unit(slug=f"eenheid-{start}-{number}", name=f"Eenheid {number}", status=PUBLISHED)
        for number in range(size)
    ]
    Unit.objects.bulk_create(units)
    parents: dict[int, Placement] = {}
    below: dict[int, list[int]] = {}
    for number in range(1, size):
        below.setdefault((number - 1) // 10, []).append(number)
    ordered, stack = [], [0]
    while stack:
        number = stack.pop()
        ordered.append(number)
        stack.extend(reversed(below.get(number, [])))
    for number in ordered:
        parent = parents.get((number - 1) // 10) if number else None
        kind = "team" if number else "korps"
        parents[number] = Placement(
            organogram=organogram, unit=units[number], parent=parent, name=units[number].name, kind=kind
        )
    Placement.objects.insert_tree([parents[number] for number in ordered])
    return organogram


def make_bundle(**changes: Any) -> Bundle:
    return Bundle.objects.create(**{"title": f"Bundel {next(_numbers)}", **changes})


def make_grade(**changes: Any) -> Grade:
    number = next(_numbers)
    return Grade.objects.create(
        **{
            "code": f"G{number}",
            "name": f"Graad {number}",
            "category": "OPS",
            "rank": next(_places),
            **changes,
        }
    )


def make_staffing_table(**changes: Any) -> StaffingTable:
    values = {"kind": "formation", "valid_from": datetime.date(2021, 4, 26), **changes}
    return _named(StaffingTable, "title", **values)


def make_policy(**changes: Any) -> Policy:
    number = next(_numbers)
    return _named(
        Policy, "title", **{"series": f"beleid-{number}", "valid_from": datetime.date(2020, 1, 1), **changes}
    )


def make_policy_domain(policy: Policy | None = None, **changes: Any) -> PolicyDomain:
    number = next(_numbers)
    values = {"policy": policy or make_policy(), "slug": f"domein-{number}", "title": f"Domein {number}"}
    return PolicyDomain.objects.create(**{**values, **changes})


def make_policy_action(domain: PolicyDomain | None = None, **changes: Any) -> PolicyAction:
    domain = domain or make_policy_domain()
    position = domain.actions.count() + 1
    values = {"domain": domain, "position": position, "title": f"Actie {position}"}
    return PolicyAction.objects.create(**{**values, **changes})


def make_plan(**changes: Any) -> Plan:
    return _named(Plan, "title", **{"valid_from": datetime.date(2020, 1, 1), **changes})


def make_objective(**changes: Any) -> Objective:
    plan = changes.pop("plan", None) or (changes["parent"].plan if changes.get("parent") else None)
    return _named(Objective, "title", **{"plan": plan or some_corporate_plan(), "kind": "goal", **changes})


def make_project(**changes: Any) -> Project:
    plan = changes.pop("plan", None) or Plan.objects.first() or make_plan()
    return _named(Project, "title", **{"plan": plan, "kind": "I", "number": next(_places), **changes})


def make_topic(**changes: Any) -> Topic:
    return _named(Topic, "title", **changes)


def make_channel(**changes: Any) -> Channel:
    topic = changes.pop("topic", None) or make_topic()
    return _named(Channel, "label", **{"topic": topic, "kind": "phone", "value": "+3292666111", **changes})


def make_guide(*titles: str, **changes: Any) -> Guide:
    """Create a guide with a step for each title."""
    topic = changes.pop("topic", None) or make_topic()
    guide = _named(Guide, "title", **{"topic": topic, **changes})
    for position, title in enumerate(titles, 1):
        GuideStep.objects.create(guide=guide, position=position, title=title)
    return guide


def make_schedule(*slots: tuple[int, str, str], **changes: Any) -> Schedule:
    """Create a schedule with weekly slots (weekday, opens, closes)."""
    schedule = _named(Schedule, "title", **changes)
    WeeklySlot.objects.bulk_create(
        WeeklySlot(
            schedule=schedule,
            weekday=weekday,
            opens=datetime.time.fromisoformat(opens),
            closes=datetime.time.fromisoformat(closes),
        )
        for weekday, opens, closes in slots
    )
    return schedule


def make_location(**changes: Any) -> Location:
    return _named(Location, "name", **{"kind": "commissariaat", **changes})


def make_care_area(**changes: Any) -> CareArea:
    return _named(CareArea, "name", **changes)


def make_notice(**changes: Any) -> Notice:
    """Create a notice that is active now by default."""
    now = timezone.now()
    values = {
        "text_nl": "Bericht.",
        "starts": now - datetime.timedelta(hours=1),
        "ends": now + datetime.timedelta(hours=1),
    }
    return _named(Notice, "title", **{**values, **changes})


def make_exception(schedule: Schedule | None = None, **changes: Any) -> ScheduleException:
    """Create a closed day in 2026."""
    day = datetime.date(2026, 5, 1)
    values = {
        "schedule": schedule or make_schedule(),
        "first_day": day,
        "last_day": day,
        "reason": "opleiding",
    }
    return ScheduleException.objects.create(**{**values, **changes})


def make_school_holiday(**changes: Any) -> SchoolHoliday:
    day = datetime.date(2026, 1, 1) + datetime.timedelta(days=10 * next(_numbers))
    return SchoolHoliday.objects.create(**{"name": "vakantie", "first_day": day, "last_day": day, **changes})


def make_school_year(*holidays: tuple[str, str, str], **changes: Any) -> SchoolYear:
    """Create the school year 2026-2027 with holidays (name, first day, last day)."""
    values = {"first_day": "2026-09-01", "last_day": "2027-08-31", **changes}
    days = {name: datetime.date.fromisoformat(str(values.pop(name))) for name in ("first_day", "last_day")}
    year = _named(SchoolYear, "title", **values, **days)
    for name, first, last in holidays:
        between = {
            "first_day": datetime.date.fromisoformat(first),
            "last_day": datetime.date.fromisoformat(last),
        }
        SchoolHoliday.objects.create(school_year=year, name=name, **between)
    return year


def make_succession(organogram: Organogram | None = None, **changes: Any) -> Succession:
    values = {"from_unit": make_unit(), "to_unit": make_unit(), "kind": "replaced"}
    return Succession.objects.create(organogram=organogram or make_organogram(), **{**values, **changes})


def make_accessibility_statement(**changes: Any) -> AccessibilityStatement:
    """Create a statement that was written three years ago and reviewed today."""
    today = timezone.localdate()
    values = {"conformance": "partial", "standard": "WCAG 2.2, AA", "method": "self"}
    days = {"prepared_on": today - datetime.timedelta(days=3 * 365), "reviewed_on": today}
    return AccessibilityStatement.objects.create(**{**values, **days, **changes})


def make_consumer(**changes: Any) -> Consumer:
    return _named(Consumer, "name", **{"purpose": "Toont welke balie open is.", **changes})


def make_preview_link(item: Publishable | None = None, **changes: Any) -> PreviewLink:
    """Create a link to the preview of an item, made now by a superuser, that works for a week."""
    item = item or make_topic()
    now = timezone.now()
    account = (
        changes.pop("made_by", None)
        or User.objects.get_or_create(
            username="linkmaker", defaults={"is_staff": True, "is_superuser": True}
        )[0]
    )
    about = {"model": item._meta.label_lower, "key": str(item.pk), "title": str(item), "made_by": account}
    days = {"moment": now, "made_at": now, "ends_at": now + datetime.timedelta(days=7)}
    return PreviewLink.objects.create(**{**about, **days, **changes})


def _make_place(**changes: Any) -> Placement:
    """Create a placement below the given parent, or else below the root of the organogram if it has one."""
    parent = changes.pop("parent", None)
    organogram = changes.pop("organogram", None) or (parent.organogram if parent else make_organogram())
    parent = parent or organogram.placements.filter(parent=None).first()
    return make_placement(organogram, parent, **changes)


def _make_part(model: Any, **known: Any) -> Callable[..., Any]:
    """Return a factory of a part; a callable among the known values is called unless the test gives that value."""

    def make_part(**changes: Any) -> Any:
        values = {
            name: value() if callable(value) and name not in changes else value
            for name, value in known.items()
        }
        return model.objects.create(**{**values, **changes})

    return make_part


def _next_day() -> datetime.date:
    return datetime.date(1990, 1, 1) + datetime.timedelta(days=next(_numbers))


VALUES: dict[str, Callable[[], Any]] = {
    "DateField": _next_day,
    "DateTimeField": timezone.now,
    "IntegerField": lambda: next(_places),
    "PositiveSmallIntegerField": lambda: next(_places),
    "TimeField": lambda: datetime.time(9),
}


def values_of(model: Any, *known: str) -> dict[str, Any]:
    """Return a value for each required field of a model, by its kind; without the known ones."""

    def value(field: Any) -> Any:
        if field.choices:
            return field.choices[0][0]
        if field.related_model:
            return field.related_model._base_manager.first() or make(field.related_model)
        return VALUES.get(field.get_internal_type(), lambda: f"{field.name}-{next(_numbers)}")()

    needed = [
        field
        for field in model._meta.concrete_fields
        if not (field.blank or field.null or field.has_default() or field.name in known)
    ]
    return {field.name: value(field) for field in needed}


def _make_by_kind(model: Any) -> Callable[..., Any]:
    """Return a factory of published rows that uses only the kinds of the fields."""
    return lambda **changes: model.objects.create(
        **{"status": PUBLISHED, **values_of(model, *changes), **changes}
    )


# Factory of each model, where the kinds of its fields are not enough; tests that iterate over the models fail for a
# model without one.
MAKERS: dict[Any, Callable[..., Any]] = {
    **{model: _make_by_kind(model) for model in apps.get_models() if issubclass(model, Publishable)},
    AccessibilityGap: _make_part(
        AccessibilityGap,
        statement=lambda: AccessibilityStatement.objects.first() or make_accessibility_statement(),
        position=lambda: next(_places),
        text_nl="Kaart",
    ),
    AccessibilityStatement: make_accessibility_statement,
    Bundle: make_bundle,
    CareArea: make_care_area,
    Channel: make_channel,
    Consumer: make_consumer,
    CorporatePlan: lambda **changes: make_corporate_plan(**{"valid_from": _next_day(), **changes}),
    Document: make_document,
    FactAnswer: _make_part(
        FactAnswer,
        check_request=lambda: FactCheck.objects.create(unit=make_unit()),
        label="organisation.unit",
        key=uuid4,
        title="Eenheid: Team",
        verdict="right",
    ),
    FactCheck: _make_part(FactCheck, unit=make_unit),
    FormerSlug: _make_part(FormerSlug, unit=make_unit, slug=lambda: f"vroeger-{next(_numbers)}"),
    FunctionalLine: _make_part(
        FunctionalLine, organogram=make_organogram, unit=make_unit, above=make_unit, kind="steered"
    ),
    Grade: make_grade,
    Guide: make_guide,
    GuideStep: _make_part(GuideStep, guide=make_guide, position=lambda: next(_places), title="Bel ons"),
    KeyFigure: make_key_figure,
    Location: make_location,
    Notice: make_notice,
    Objective: make_objective,
    Organogram: make_organogram,
    Placement: _make_place,
    Plan: make_plan,
    Policy: make_policy,
    PolicyAction: make_policy_action,
    PolicyDomain: make_policy_domain,
    PreviewLink: make_preview_link,
    Project: make_project,
    ProjectUnit: _make_part(ProjectUnit, project=make_project, unit=make_unit, role="partner"),
    ProjectUpdate: _make_part(
        ProjectUpdate, project=make_project, date=datetime.date(2026, 1, 1), text="<p>Nieuws</p>"
    ),
    Responsibility: _make_part(Responsibility, account=make_account, unit=make_unit),
    StructureStep: _make_part(
        StructureStep,
        organogram=make_organogram,
        text="“Team” verplaatst",
        replaced={
            **{name: [] for name in ("replaced", "added", "turns_added", "turns_removed", "units")},
            "at": None,
        },
    ),
    Schedule: make_schedule,
    ScheduleException: make_exception,
    SchoolHoliday: make_school_holiday,
    SchoolYear: lambda **changes: make_school_year(
        **dict.fromkeys(("first_day", "last_day"), _next_day().isoformat()) | changes
    ),
    SignInEvent: _make_part(SignInEvent, account=make_account, kind="signed_in"),
    StaffingLine: _make_part(StaffingLine, table=make_staffing_table, grade=make_grade, count=1),
    StaffingTable: lambda **changes: make_staffing_table(**{"valid_from": _next_day(), **changes}),
    Statement: make_statement,
    Succession: make_succession,
    SynonymRing: _make_part(SynonymRing, slug=lambda: f"ring-{next(_numbers)}", words="fiets\nvelo"),
    Term: make_term,
    Topic: make_topic,
    Unit: make_unit,
    Zone: _make_part(Zone, name="Politiezone Test", short_name="Politie Test", city="Test"),
    WeeklySlot: _make_part(
        WeeklySlot,
        schedule=make_schedule,
        weekday=0,
        opens=datetime.time(9),
        closes=datetime.time(17),
    ),
}


def make(model: Any, **changes: Any) -> Any:
    """Create a row of any model of the project. Raises KeyError for a model without a factory in `MAKERS`."""
    if model is Organogram:
        changes.setdefault("valid_from", _next_day())
    return MAKERS[model](**changes)


def make_missing(models: Iterable[Any]) -> None:
    """Create a row of each of these models that has a factory and no rows yet."""
    for model in models:
        if model in MAKERS and not model._base_manager.exists():
            make(model)
