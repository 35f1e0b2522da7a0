"""The choices of topics and channels: for whom, by what means, how urgent."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Audience(models.TextChoices):
    """For whom a topic or channel is."""

    EVERYONE = "everyone", _("everyone")
    VICTIMS = "victims", _("victims")
    SCHOOLS = "schools", _("schools")
    STUDENTS = "students", _("students")
    SENIORS = "seniors", _("seniors")
    LGBT = "lgbt", _("LGBT people")
    PRESS = "press", _("press")
    JOBSEEKERS = "jobseekers", _("people who look for a job")
    COMPANIES = "companies", _("companies")
    DEAF = "deaf", _("deaf people, people hard of hearing or with a speech impairment")


class ChannelKind(models.TextChoices):
    """By what means people reach somebody."""

    PHONE = "phone", _("phone")
    EMAIL = "email", _("e-mail")
    WEB_FORM = "web_form", _("online form")
    WEB = "web", _("web page")
    APPOINTMENT = "appointment", _("online appointment")
    DESK = "desk", _("desk")
    APP = "app", _("app")
    SMS = "sms", _("text message")
    SOCIAL = "social", _("social media")
    POST = "post", _("post")


NUMBERS = (ChannelKind.PHONE, ChannelKind.SMS)
ONLINE_ONLY = (ChannelKind.WEB_FORM, ChannelKind.APPOINTMENT, ChannelKind.APP, ChannelKind.SOCIAL)
LINKED = (*ONLINE_ONLY, ChannelKind.WEB)


class Urgency(models.TextChoices):
    """How urgent the matter is that a channel is for."""

    EMERGENCY = "emergency", _("emergency")
    URGENT = "urgent", _("urgent")
    NORMAL = "normal", _("not urgent")
