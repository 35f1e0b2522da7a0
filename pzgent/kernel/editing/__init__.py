"""Base classes of the admin: safe forms, labelled choices, publication and trees."""

from pzgent.kernel.editing.admin import (
    EditingAdmin,
    EditionAdmin,
    Fieldsets,
    PageChangeList,
    PublishableAdmin,
    visibility_of,
)
from pzgent.kernel.editing.area import limit_accounts, reachable
from pzgent.kernel.editing.bulk.export_admin import ROWS
from pzgent.kernel.editing.bulk.import_sheet import Sheet
from pzgent.kernel.editing.choices import LabelledAutocompleteView, PathSelect
from pzgent.kernel.editing.confirming import ConfirmedAdmin, ask_to_confirm
from pzgent.kernel.editing.deleting import after_withdrawal
from pzgent.kernel.editing.filters import ReviewFilter
from pzgent.kernel.editing.forms import (
    ConstrainedForm,
    PublishableForm,
    SafeForm,
    free_slug,
    version_token_of,
)
from pzgent.kernel.editing.guarding import GuardedAdmin, guarded
from pzgent.kernel.editing.inlines import PartFormSet, PartInline, ReadOnlyInline
from pzgent.kernel.editing.links import adds_links_to
from pzgent.kernel.editing.once_admin import OnceAdmin
from pzgent.kernel.editing.part_admin import PartAdmin, PartForm
from pzgent.kernel.editing.rights import log_addition, log_change, may, may_open, may_publish
from pzgent.kernel.editing.tree_admin import TreeAdmin, TreeForm, below_itself
from pzgent.kernel.editing.unchanged import UnchangedAdmin

__all__ = [
    "ROWS",
    "ConfirmedAdmin",
    "ConstrainedForm",
    "EditingAdmin",
    "EditionAdmin",
    "Fieldsets",
    "GuardedAdmin",
    "LabelledAutocompleteView",
    "OnceAdmin",
    "PageChangeList",
    "PartAdmin",
    "PartForm",
    "PartFormSet",
    "PartInline",
    "PathSelect",
    "PublishableAdmin",
    "PublishableForm",
    "ReadOnlyInline",
    "ReviewFilter",
    "SafeForm",
    "Sheet",
    "TreeAdmin",
    "TreeForm",
    "UnchangedAdmin",
    "adds_links_to",
    "after_withdrawal",
    "ask_to_confirm",
    "below_itself",
    "free_slug",
    "guarded",
    "limit_accounts",
    "log_addition",
    "log_change",
    "may",
    "may_open",
    "may_publish",
    "reachable",
    "version_token_of",
    "visibility_of",
]
