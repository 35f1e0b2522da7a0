"""The identity of the police zone that owns this site: one row, read by everything that names the zone.

`get_zone` keeps the row in memory while the data is unchanged. If the database is unreachable it returns the last known
row, or else the content files: an error page shows the right numbers whatever fails.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any

import yaml
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pzgent.kernel import fields
from pzgent.kernel.marks import Marks, read_marks
from pzgent.kernel.text_lines import lines_of
from pzgent.kernel.translations import DUTCH, OTHER_LANGUAGES, Text, Translated
from pzgent.kernel.validity import gathered, rests_on

FOLDER, FILE = "pzgent/data", "identity.yaml"
CHANNELS = "contact/data/channels.yaml"
# Seconds after a failure during which the database is not queried.
PAUSE_SECONDS = 5
# The source of everything based on the zone: it is read once for many responses, so their own queries do not show it.
SOURCE = "zone"
KBO_MODULUS = 97
# The permanent URI of an enterprise, maintained by the federal government (FPS BOSA); it leads to the public register.
KBO_ADDRESS = "https://org.belgif.be/id/CbeRegisteredEntity/"
POLICE_NUMBER, EUROPEAN_NUMBER = "101", "112"


class Licence(models.TextChoices):
    """The terms on which others may reuse the data."""

    CC0 = "CC0-1.0", "CC0 1.0"
    CC_BY = "CC-BY-4.0", "CC BY 4.0"
    FLANDERS = "modellicentie-gratis-hergebruik", _("Free open data licence of Flanders 1.0")


LICENCE_PAGES = {
    Licence.CC0: "https://creativecommons.org/publicdomain/zero/1.0/",
    Licence.CC_BY: "https://creativecommons.org/licenses/by/4.0/",
    Licence.FLANDERS: "https://data.vlaanderen.be/doc/licentie/modellicentie-gratis-hergebruik/v1.0",
}


class Palette(models.TextChoices):
    """The colours of the pages; all have sufficient contrast for reading."""

    BLUE = "blue", _("blue")
    GREEN = "green", _("green")
    BORDEAUX = "bordeaux", _("bordeaux")


# The colour of bars, and of highlights on them.
COLOURS = {
    Palette.BLUE: ("#0b3a75", "#f2a900"),
    Palette.GREEN: ("#14512f", "#f2a900"),
    Palette.BORDEAUX: ("#6b1030", "#f2a900"),
}


def icon_of(palette: str, name: str) -> str:
    """Return the static file of an icon in the colours of a palette."""
    return f"icons/{palette}/{name}"


def check_kbo_number(value: str) -> None:
    """Raise ValidationError for an invalid enterprise number."""
    if not re.fullmatch("[01][0-9]{9}", value) or KBO_MODULUS - int(value[:8]) % KBO_MODULUS != int(
        value[8:]
    ):
        raise ValidationError(_("An enterprise number has ten digits, without dots; check them."))


def _reference(name: Any, help_text: Any) -> models.ForeignKey:
    return models.ForeignKey(
        "contact.Channel",
        verbose_name=name,
        help_text=help_text,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )


class Zone(Translated):
    """The identity of the zone, and its main contact channels."""

    REFERENCES = ("general", "urgent", "ambulance", "deaf_help")
    # Fields to fill in before the site can be declared official.
    CHECK_LIST = ("general", "facts_confirmed_on", "publisher", "licence", "controller", "dpo")
    translated_fields = ("name", "short_name", "city")

    slug = fields.SlugField(_("slug"), max_length=20, unique=True, default="site", editable=False)
    name = fields.CharField(_("name"), max_length=120, help_text=_("In full: “Politiezone …”."))
    short_name = fields.CharField(
        _("short name"), max_length=60, help_text=_("As people say it: “Politie …”. It heads every page.")
    )
    city = fields.CharField(
        _("municipality or region"), max_length=80, help_text=_("What stands after “the police in”.")
    )
    number = fields.AddressField(
        _("number of the zone"),
        max_length=4,
        blank=True,
        validators=[RegexValidator("^[0-9]{4}$", _("The number of a zone has four digits."))],
        help_text=_("The four digits of the police zone. Empty: not published."),
    )
    kbo_number = fields.AddressField(
        _("enterprise number (KBO)"),
        max_length=10,
        blank=True,
        validators=[check_kbo_number],
        help_text=_("Ten digits, without dots. Empty: not published."),
    )
    official_page = fields.URLField(
        _("page of the zone on politie.be"), blank=True, help_text=_("The page about this site leads to it.")
    )
    general = _reference(
        _("general number"), _("The channel with the number that every page shows. Change the number there.")
    )
    urgent = _reference(_("emergency number of the police"), _("The first of the emergency strip."))
    ambulance = _reference(_("other emergency number"), _("For an ambulance and the fire brigade."))
    deaf_help = _reference(
        _("help for deaf people"), _("The page about the app and text messages in an emergency.")
    )
    postal_codes = fields.TextField(
        _("postcodes"), blank=True, help_text=_("All postcodes of the zone, one per line.")
    )
    nearby = fields.TextField(
        _("places nearby"),
        blank=True,
        help_text=_("Places around the zone that are no part of it, one per line."),
    )
    fault_email = fields.EmailField(
        _("e-mail for faults"),
        blank=True,
        help_text=_("Empty: the first e-mail address of the contact page."),
    )
    security_email = fields.EmailField(
        _("e-mail for weaknesses"), blank=True, help_text=_("Empty: security.txt leads to the contact page.")
    )
    privacy_email = fields.EmailField(
        _("e-mail for privacy"),
        blank=True,
        help_text=_("Of the data protection officer. Empty: not published."),
    )
    publisher = fields.CharField(
        _("publisher"),
        max_length=160,
        blank=True,
        help_text=_("Who answers for this site. Empty: not published."),
    )
    licence = fields.CharField(
        _("licence of the data"),
        max_length=40,
        blank=True,
        choices=Licence,
        help_text=_("What others may do with the data. Empty: not chosen yet."),
    )
    controller = fields.CharField(
        _("controller of personal data"), max_length=160, blank=True, help_text=_("Empty: not published.")
    )
    dpo = fields.CharField(
        _("data protection officer"), max_length=160, blank=True, help_text=_("Empty: not published.")
    )
    palette = fields.CharField(
        _("colours"), max_length=10, choices=Palette, default=Palette.BLUE, help_text=_("Of the whole site.")
    )
    facts_confirmed_on = models.DateField(
        _("facts confirmed on"),
        null=True,
        blank=True,
        help_text=_("The day on which the zone held the facts of this site against its own."),
    )
    declared_at = models.DateTimeField(_("declared official at"), null=True, editable=False)
    declared_by = fields.CharField(_("declared official by"), max_length=150, blank=True, editable=False)

    class Meta:
        verbose_name = _("identity of the zone")
        verbose_name_plural = _("identity of the zone")
        constraints = [
            models.CheckConstraint(
                name="pzgent_zone_only_one",
                condition=Q(slug="site"),
                violation_error_message=_("There is one zone only."),
            ),
            models.CheckConstraint(
                name="pzgent_zone_named",
                condition=~Q(name="") & ~Q(short_name="") & ~Q(city=""),
                violation_error_message=_("Give the zone its names."),
            ),
            models.CheckConstraint(
                name="pzgent_zone_official_when_complete",
                condition=Q(declared_at=None, declared_by="")
                | (
                    Q(declared_at__isnull=False, facts_confirmed_on__isnull=False, general__isnull=False)
                    & ~Q(declared_by="")
                    & ~Q(publisher="")
                    & ~Q(licence="")
                    & ~Q(controller="")
                    & ~Q(dpo="")
                ),
                violation_error_message=_("The site is official only with all of its check list filled in."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def text_in(self, name: str, language: str) -> Text:
        """Return a name in a language; in Dutch if its translation is outdated, because a wrong name is no courtesy."""
        return super().text_in(name, DUTCH if self.has_old_translation(name, language) else language)

    @property
    def is_official(self) -> bool:
        """Whether an administrator declared the site official."""
        return self.declared_at is not None

    @property
    def missing(self) -> list[str]:
        """The labels of the fields to fill in before the site can be declared official."""
        empty = [name for name in self.CHECK_LIST if not getattr(self, name)]
        return [str(self._meta.get_field(name).verbose_name) for name in empty]  # type: ignore[union-attr]  # of columns

    @property
    def postal_code_list(self) -> list[str]:
        """The postcodes as a list."""
        return self.postal_codes.split()

    @property
    def nearby_list(self) -> list[str]:
        """The nearby places as a list."""
        return lines_of(self.nearby)

    @property
    def city_names(self) -> set[str]:
        """The names of the municipality in all languages."""
        return {self.city, *filter(None, (self.translation_of("city", code) for code in OTHER_LANGUAGES))}

    @property
    def licence_page(self) -> str:
        """The address of the licence; empty while none is chosen."""
        return LICENCE_PAGES[Licence(self.licence)] if self.licence else ""

    @property
    def licence_name(self) -> str:
        """The name of the licence, or that none is chosen."""
        return str(Licence(self.licence).label) if self.licence else gettext("not chosen yet")

    @property
    def kbo_address(self) -> str:
        """The URI of the zone in the register of enterprises; empty while its number is not published."""
        return f"{KBO_ADDRESS}{self.kbo_number}" if self.kbo_number else ""

    @property
    def colours(self) -> tuple[str, str]:
        """The colour of bars, and of highlights on them."""
        return COLOURS[Palette(self.palette)]

    @property
    def terms(self) -> dict[str, Text]:
        """The terms in messages, in the language of the page: `%(zone)s`, `%(police)s`, `%(city)s`, `%(urgent)s`."""
        texts = self.translated
        numbers = {"urgent": Text(self.urgent_number), "ambulance": Text(self.ambulance_number)}
        return {"zone": texts.name, "police": texts.short_name, "city": texts.city, **numbers}

    @property
    def urgent_number(self) -> str:
        """The emergency number of the police; the national one if the zone has none."""
        return _number(self.urgent) or POLICE_NUMBER

    @property
    def ambulance_number(self) -> str:
        """The other emergency number; the European one if the zone has none."""
        return _number(self.ambulance) or EUROPEAN_NUMBER

    @property
    def general_channel(self) -> Any:
        """The channel with the general number; None while it is not public."""
        return self.general if _number(self.general) else None

    @property
    def deaf_help_channel(self) -> Any:
        """The page for deaf people; None while it is not public."""
        return self.deaf_help if _number(self.deaf_help) else None


def _number(channel: Any) -> str:
    """Return the number or address of a channel as displayed; empty while it is not public."""
    return channel.display if channel is not None and channel.is_published else ""


class _Known:
    """The zone as last read, with the state of the data at that time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Discard it, so that it is read again next time."""
        self.marks: Marks | None = None
        self.zone: Zone | None = None
        self.retry_at = 0.0


_known = _Known()
# The zone of the current request, once read: one response never mixes two states.
_of_request: ContextVar[list[Zone] | None] = ContextVar("zone", default=None)


def get_zone() -> Zone:
    """Return the zone, from the database if it is reachable. One small query per request."""
    rests_on(SOURCE)
    held = _of_request.get()
    if held:
        return held[0]
    with gathered():  # its queries must not count as sources: SOURCE covers them
        zone = _current()
    if held is not None:
        held.append(zone)
    return zone


@contextmanager
def held_for_request(*, asks_database: bool = True) -> Iterator[None]:
    """Keep the zone during one request; use the last known one if the database must not be queried."""
    token = _of_request.set([] if asks_database else [_known.zone or read_file(settings.CONTENT_ROOT)])
    try:
        yield
    finally:
        _of_request.reset(token)


@contextmanager
def held_apart() -> Iterator[None]:
    """Read the zone anew for the block; what is read there must not be used elsewhere."""
    found = Zone.objects.select_related(*Zone.REFERENCES).first() or read_file(settings.CONTENT_ROOT)
    token = _of_request.set([found])
    try:
        yield
    finally:
        _of_request.reset(token)


def forget_zone() -> None:
    """Discard the zone in this process, so that it is read again."""
    _known.forget()
    read_file.cache_clear()


def _current() -> Zone:
    if monotonic() < _known.retry_at:
        return _known.zone or read_file(settings.CONTENT_ROOT)
    try:
        marks = read_marks()
        with _known.lock:
            if marks != _known.marks or _known.zone is None:
                found = Zone.objects.select_related(*Zone.REFERENCES).first()
                _known.zone, _known.marks = found or read_file(settings.CONTENT_ROOT), marks
            return _known.zone
    except Exception:  # noqa: BLE001  # the emergency numbers must be shown whatever fails
        _known.retry_at = monotonic() + PAUSE_SECONDS
        return _known.zone or read_file(settings.CONTENT_ROOT)


@lru_cache(maxsize=2)
def read_file(root: Path) -> Zone:
    """Return the zone from the content files under a folder, with the channels that it refers to."""
    [values] = _parsed(root / FOLDER / FILE)
    values = {name: value for name, value in values.items() if value is not None}
    keys = {name: values.pop(name) for name in Zone.REFERENCES if name in values}
    channels = {entry["slug"]: entry for entry in _parsed(root / CHANNELS)} if keys else {}
    lists = {name: "\n".join(value) for name, value in values.items() if isinstance(value, list)}
    zone = Zone(**{**values, **lists})
    for name, key in keys.items():
        setattr(zone, name, _channel(channels[key]))
    for language in OTHER_LANGUAGES:
        path = root / FOLDER / language / FILE
        texts = _parsed(path).get(zone.slug, {}) if path.exists() else {}
        zone.translate_all({language: texts})
    return zone


def _channel(entry: dict[str, Any]) -> Any:
    """Return a channel with the fields that the emergency strip shows."""
    model: Any = Zone._meta.get_field("general").related_model
    shown = {name: entry.get(name, "") for name in ("slug", "kind", "label", "value")}
    return model(**shown, status="published")


def _parsed(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # a safe loader
