"""Models of the portal itself: loaded content, change feed, synonyms, accessibility statement, consumers, sign-ins,
links to previews.

Some models are defined in the kernel, which uses them.
"""

from pzgent.kernel.files.records import PublishedFile
from pzgent.kernel.jobs import Job, JobLine
from pzgent.kernel.once import UsedForm
from pzgent.kernel.totals import PageTotal, SearchTotal
from pzgent.kernel.versions.models import Bundle, Version, WorkingCopy
from pzgent.kernel.watermarks import Watermark
from pzgent.kernel.zone import Zone
from pzgent.models.accessibility import (
    AccessibilityGap,
    AccessibilityStatement,
    Conformance,
    GapKind,
    TestMethod,
)
from pzgent.models.accounts import Factor, FactorKind, Role, SignIn, SignInEvent, SignInEventKind
from pzgent.models.consumers import Consumer
from pzgent.models.content import ContentProposal, ContentProposalQuerySet, Installation, PlanRecord
from pzgent.models.fact_checks import FactAnswer, FactCheck
from pzgent.models.feed import (
    DataChange,
    FeedState,
    HistoryKind,
    PublishedChange,
    PublishedItem,
    PublishedItemQuerySet,
    new_feed_identity,
)
from pzgent.models.previews import PreviewLink
from pzgent.models.subscriptions import DeskSubscription
from pzgent.models.synonyms import SynonymRing

__all__ = [
    "AccessibilityGap",
    "AccessibilityStatement",
    "Bundle",
    "Conformance",
    "Consumer",
    "ContentProposal",
    "ContentProposalQuerySet",
    "DataChange",
    "DeskSubscription",
    "FactAnswer",
    "FactCheck",
    "Factor",
    "FactorKind",
    "FeedState",
    "GapKind",
    "HistoryKind",
    "Installation",
    "Job",
    "JobLine",
    "PageTotal",
    "PlanRecord",
    "PreviewLink",
    "PublishedChange",
    "PublishedFile",
    "PublishedItem",
    "PublishedItemQuerySet",
    "Role",
    "SearchTotal",
    "SignIn",
    "SignInEvent",
    "SignInEventKind",
    "SynonymRing",
    "TestMethod",
    "UsedForm",
    "Version",
    "Watermark",
    "WorkingCopy",
    "Zone",
    "new_feed_identity",
]
