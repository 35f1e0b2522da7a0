"""URLs of the pages about projects and strategy."""

from django.urls import path

from projects import views

urlpatterns = [
    path("projecten", views.project_list, name="projects"),
    path("projecten/<slug:slug>", views.project_detail, name="project-detail"),
    path("strategie", views.strategy, name="strategy"),
    path("strategie/<slug:slug>", views.strategy_detail, name="strategy-detail"),
]
