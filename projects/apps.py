"""The projects app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    """App configuration: the safety plan, its projects and the objectives."""

    name = "projects"
    verbose_name = _("Projects and objectives")
