"""Admin fieldset of objects with a first or last day of validity."""

from django.utils.translation import gettext_lazy as _

ON_ITS_DAYS = (
    _("Only on some days"),
    {
        "fields": [("valid_from", "valid_until")],
        "description": _(
            "For what is temporary, or changes on a day. Outside these days the site does not offer it."
        ),
    },
)
