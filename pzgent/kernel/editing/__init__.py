"""Base classes of the admin: safe forms, labelled choices, publication and trees."""

from pzgent.kernel.editing.admin import (
    EditingAdmin,
    EditionAdmin,
    Fieldsets,
    PageChangeList,
    PartAdmin,
    PartForm,
    PublishableAdmin,
    visibility_of,
)
from pzgent.kernel.editing.choices import LabelledAutocompleteView, PathSelect
from pzgent.kernel.editing.filters import ReviewFilter
from pzgent.kernel.editing.forms import PublishableForm, SafeForm, free_slug, version_token_of
from pzgent.kernel.editing.guarding import GuardedAdmin, guarded
from pzgent.kernel.editing.inlines import PartFormSet, PartInline, ReadOnlyInline
from pzgent.kernel.editing.once_admin import OnceAdmin
from pzgent.kernel.editing.rights import log_addition, log_change, may, may_open
from pzgent.kernel.editing.tree_admin import TreeAdmin, TreeForm, below_itself

__all__ = [
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
    "TreeAdmin",
    "TreeForm",
    "below_itself",
    "free_slug",
    "guarded",
    "log_addition",
    "log_change",
    "may",
    "may_open",
    "version_token_of",
    "visibility_of",
]
