"""URLs of the pages about contact, except the contact page itself, which needs the search."""

from django.urls import path

from contact import views

urlpatterns = [
    path("contact/sluitingen.ics", views.all_closings, name="closings"),
    path("contact/<slug:topic>/<slug:slug>/sluitingen.ics", views.channel_closings, name="channel-closings"),
    path("commissariaten/<slug:slug>/sluitingen.ics", views.station_closings, name="station-closings"),
    path("contact/<slug:slug>", views.topic_detail, name="topic-detail"),
    path("contact/<slug:topic>/<slug:slug>.vcf", views.channel_card, name="channel-card"),
    path("contact/<slug:topic>/<slug:slug>.ics", views.channel_calendar, name="channel-calendar"),
    path("eenheden/<slug:slug>.vcf", views.unit_card, name="unit-card"),
    path("dringend-in-vele-talen", views.urgent_sheet, name="urgent-sheet"),
    path("stappenplannen", views.guides, name="guides"),
    path("stappenplannen/<slug:slug>", views.guide_detail, name="guide-detail"),
    path("commissariaten", views.stations, name="stations"),
    path("commissariaten/<slug:slug>", views.station, name="station"),
]
