"""Texts of Django's admin that its own Dutch catalogue lacks or gets wrong, translated in ours."""

from typing import Any

from django.contrib.admin.templatetags import admin_list
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

UNTRANSLATED = (
    _("Add link"),
    _("Change or view list link"),
    _("After you’ve created a user, you’ll be able to edit more user options."),
)

# Its Dutch says “de” of every name: “de contactkanaal”.
WITHOUT_ARTICLE = (
    _("The {name} “{obj}” was added successfully."),
    _("The {name} “{obj}” was added successfully. You may add another {name} below."),
    _("The {name} “{obj}” was changed successfully."),
    _("The {name} “{obj}” was changed successfully. You may edit it again below."),
    _("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    _("The %(name)s “%(obj)s” was deleted successfully."),
)
ICONS: dict[Any, Any] = {True: ("yes", _("Yes")), False: ("no", _("No")), None: ("unknown", _("Unknown"))}


def boolean_icon(value: bool | None) -> SafeString:
    """Return the icon of a yes, a no or neither, with its name."""
    icon, name = ICONS[value]
    return format_html('<img src="{}" alt="{}">', static(f"admin/img/icon-{icon}.svg"), name)


def name_icons() -> None:
    """Use the icons above in every list and form: Django calls its own “True” and “False” in every language."""
    admin_list._boolean_icon = boolean_icon  # type: ignore[attr-defined]  # Django has no other way in
