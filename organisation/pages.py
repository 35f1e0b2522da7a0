"""Registry of the pages about the organisation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organisation.models import Document, KeyFigure, Organogram, Partner, Policy, StaffingTable, Term, Unit
from pzgent.kernel.pages import FixedPage, Menu, RowPages

PAGES = (
    FixedPage(
        name="organogram",
        title=_("Organogram"),
        position=40,
        menu=Menu.ORGANISATION,
        model=Organogram,
        found_as=_("Organogram"),
        words=(
            "organogram",
            "structuur van de politie",
            "wie staat waar",
            "baas van de politie",
            "hoogste baas",
        ),
        foreign_words=("chef de la police", "boss of the police", "organisation chart", "Chef der Polizei"),
    ),
    FixedPage(
        name="staffing",
        title=_("Staff"),
        position=70,
        menu=Menu.ORGANISATION,
        model=StaffingTable,
        found_as=_("Formation"),
        words=(
            "formatie",
            "personeel",
            "personeelsformatie",
            "aantal agenten",
            "hoeveel mensen werken er",
            "vrouwen",
        ),
        foreign_words=(
            "nombre de policiers",
            "combien de policiers",
            "how many officers",
            "wie viele Polizisten",
        ),
    ),
    FixedPage(
        name="partners",
        title=_("Partners"),
        position=75,
        menu=Menu.ORGANISATION,
        model=Partner,
        found_as=_("Partners"),
        words=("partners", "partners van de politie", "met wie werkt de politie samen"),
    ),
    FixedPage(name="policies", title=_("Policies"), position=80, menu=Menu.PLANS, model=Policy),
    FixedPage(
        name="key-figures",
        title=_("Key figures"),
        position=90,
        menu=Menu.ORGANISATION,
        menu_text=_("Figures"),
        model=KeyFigure,
        found_as=_("Key figures"),
        words=(
            "kerncijfers",
            "cijfers",
            "statistieken",
            "criminaliteitscijfers",
            "cijfers over misdaad",
            "aantal per jaar",
        ),
        foreign_words=("chiffres", "nombre par an", "figures", "number a year", "Zahlen"),
    ),
    FixedPage(name="documents", title=_("Documents"), position=100, menu=Menu.PLANS, model=Document),
    FixedPage(
        name="terms",
        title=_("Words and abbreviations"),
        position=110,
        menu=Menu.ORGANISATION,
        model=Term,
        found_as=_("Glossary"),
        words=("begrippen", "woordenlijst", "afkortingen", "jargon"),
    ),
)
ROW_PAGES = (
    RowPages(
        name="unit-detail",
        position=40,
        section="units",
        above=_("Organogram"),
        rows=lambda: Unit.objects.with_open_page(),
    ),
    RowPages(
        name="policy-detail",
        position=80,
        section="policies",
        above=_("Policies"),
        rows=lambda: Policy.objects.published(),
    ),
    RowPages(
        name="document-detail",
        position=100,
        section="documents",
        above=_("Documents"),
        rows=lambda: Document.objects.with_page(),
    ),
)
