"""The organisation app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganisationConfig(AppConfig):
    """App configuration: structure, staffing, figures, policies and documents."""

    name = "organisation"
    verbose_name = _("Organisation")
