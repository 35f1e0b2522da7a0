"""The projects app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    """App configuration: the safety plan, its projects and the objectives."""

    name = "projects"
    verbose_name = _("Projects and objectives")

    def ready(self) -> None:
        """Register what this app checks before an organogram is published."""
        from projects import draft_checks  # noqa: F401  # imported for its registrations
