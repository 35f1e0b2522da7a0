"""Models of contact: topics, channels, guides, opening hours, places and crisis notices."""

from contact.models.channels import Channel
from contact.models.guides import Guide, GuideStep
from contact.models.hours import Schedule, ScheduleException, SchoolHoliday, SchoolYear, WeeklySlot
from contact.models.notices import Notice
from contact.models.places import CareArea, Location
from contact.models.topics import Topic

__all__ = [
    "CareArea",
    "Channel",
    "Guide",
    "GuideStep",
    "Location",
    "Notice",
    "Schedule",
    "ScheduleException",
    "SchoolHoliday",
    "SchoolYear",
    "Topic",
    "WeeklySlot",
]
