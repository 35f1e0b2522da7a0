"""Models of contact: topics, channels, opening hours, places and crisis notices."""

from contact.models.channels import Channel, Topic
from contact.models.hours import Schedule, ScheduleException, SchoolHoliday, SchoolYear, WeeklySlot
from contact.models.notices import Notice
from contact.models.places import CareArea, Location

__all__ = [
    "CareArea",
    "Channel",
    "Location",
    "Notice",
    "Schedule",
    "ScheduleException",
    "SchoolHoliday",
    "SchoolYear",
    "Topic",
    "WeeklySlot",
]
