"""Admin of contact: topics, channels, opening hours, places and notices."""

from contact.admin.channels import ChannelAdmin, TopicAdmin
from contact.admin.guides import GuideAdmin, GuideStepAdmin
from contact.admin.hours import ScheduleAdmin, ScheduleExceptionAdmin, SchoolHolidayAdmin, SchoolYearAdmin
from contact.admin.notices import NoticeAdmin
from contact.admin.places import CareAreaAdmin, LocationAdmin

__all__ = [
    "CareAreaAdmin",
    "ChannelAdmin",
    "GuideAdmin",
    "GuideStepAdmin",
    "LocationAdmin",
    "NoticeAdmin",
    "ScheduleAdmin",
    "ScheduleExceptionAdmin",
    "SchoolHolidayAdmin",
    "SchoolYearAdmin",
    "TopicAdmin",
]
