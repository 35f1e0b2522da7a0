"""The addresses of the pages about contact."""

from django.urls import path

from contact import views

urlpatterns = [
    path("contact", views.contact, name="contact"),
    path("contact/<slug:slug>", views.topic_detail, name="topic-detail"),
    path("commissariaten", views.stations, name="stations"),
]
