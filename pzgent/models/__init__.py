"""Models of the portal itself: loaded content, change feed, synonyms, accessibility statement, consumers, sign-ins.

Some models are defined in the kernel, which uses them.
"""

from pzgent.kernel.files.records import PublishedFile
from pzgent.kernel.once import UsedForm
from pzgent.kernel.totals import PageTotal, SearchTotal
from pzgent.kernel.watermarks import Watermark
from pzgent.kernel.zone import Zone
from pzgent.models.accessibility import (
    AccessibilityGap,
    AccessibilityStatement,
    Conformance,
    GapKind,
    TestMethod,
)
from pzgent.models.accounts import SignIn
from pzgent.models.consumers import Consumer
from pzgent.models.content import ContentProposal, ContentProposalQuerySet, Installation, PlanRecord
from pzgent.models.feed import (
    DataChange,
    FeedState,
    HistoryKind,
    PublishedChange,
    PublishedItem,
    PublishedItemQuerySet,
    new_feed_identity,
)
from pzgent.models.synonyms import SynonymRing

__all__ = [
    "AccessibilityGap",
    "AccessibilityStatement",
    "Conformance",
    "Consumer",
    "ContentProposal",
    "ContentProposalQuerySet",
    "DataChange",
    "FeedState",
    "GapKind",
    "HistoryKind",
    "Installation",
    "PageTotal",
    "PlanRecord",
    "PublishedChange",
    "PublishedFile",
    "PublishedItem",
    "PublishedItemQuerySet",
    "SearchTotal",
    "SignIn",
    "SynonymRing",
    "TestMethod",
    "UsedForm",
    "Watermark",
    "Zone",
    "new_feed_identity",
]
