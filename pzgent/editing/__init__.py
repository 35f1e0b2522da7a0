"""The shared bases of the admin: safe forms, paths in choices, publication and trees."""

from pzgent.editing.admin import (
    EditingAdmin,
    EditionAdmin,
    Fieldsets,
    PageChangeList,
    PartAdmin,
    PartForm,
    PublishableAdmin,
    visibility_of,
)
from pzgent.editing.choices import LabelledAutocompleteView, PathSelect
from pzgent.editing.filters import ReviewFilter
from pzgent.editing.forms import PublishableForm, SafeForm, free_slug, stamp_of
from pzgent.editing.guarding import GuardedAdmin, guarded
from pzgent.editing.inlines import PartFormSet, PartInline, ReadOnlyInline
from pzgent.editing.once_admin import OnceAdmin
from pzgent.editing.rights import log_addition, log_change, may, may_open
from pzgent.editing.tree_admin import TreeAdmin, TreeForm, below_itself

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
    "stamp_of",
    "visibility_of",
]
