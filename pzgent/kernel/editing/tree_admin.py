"""Trees in the admin: shown as trees, rearranged with buttons that work without JavaScript."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pzgent.kernel.editing.admin import EditingAdmin
from pzgent.kernel.editing.area import area_of, reaches
from pzgent.kernel.editing.forms import SafeForm
from pzgent.kernel.trees import WHOLE_TABLE, TreeNode, tree_locks

DEEPEST_STYLE = 12


class TreeForm(SafeForm):
    """The form of a node; refuses to put it below itself."""

    def clean(self) -> dict[str, Any]:
        """Check the chosen parent against the node as stored under the lock."""
        cleaned = super().clean()
        parent = cleaned.get("parent")
        if (
            parent is not None
            and not self.is_new
            and parent.is_descendant_of(self.instance, include_self=True)
        ):
            self.add_error("parent", below_itself())
        return cleaned


def below_itself() -> ValidationError:
    """Return the error for a node that would become its own descendant."""
    return ValidationError(
        gettext("This cannot be part of itself or of something below it. Choose another."), "cycle"
    )


class TreeAdmin(EditingAdmin):
    """A changelist in tree order, indented, with buttons to move each row among its siblings."""

    change_list_template = "admin/tree_change_list.html"
    ordering: ClassVar[Any] = ("tree_id", "lft")
    sortable_by: ClassVar[Any] = ()
    list_per_page = 200
    list_display_links: Any = ("tree_name",)
    list_select_related: ClassVar[Any] = ("parent",)
    roots_move = True
    # The fields that siblings share, where one table holds the roots of several trees.
    siblings_share: ClassVar[tuple[str, ...]] = ()

    def lock_keys(self, request: HttpRequest, object_id: str | None) -> set[str]:
        """Return the keys of the trees that this request may reshape."""
        return set()

    @contextmanager
    def writing(self, request: HttpRequest, object_id: str | None) -> Iterator[None]:
        """Open one transaction that holds the locks of the trees before anything is read.

        The lock on the whole table is always among them, so that two requests cannot deadlock.
        """
        with tree_locks(self.model, {WHOLE_TABLE, *self.lock_keys(request, object_id)}):
            yield

    def get_urls(self) -> list[URLPattern]:
        """Return the usual URL patterns, and the one that moves a node."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_move"
        return [path("move/", self.admin_site.admin_view(self.move_view), name=name), *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns, without the move buttons for users without the change permission."""
        columns = super().get_list_display(request)
        may_move = self.has_change_permission(request)
        return columns if may_move else [name for name in columns if name != "moves"]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the tree, with the address that its buttons post to."""
        move_url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_move")
        return super().changelist_view(request, {**(extra_context or {}), "move_url": move_url})

    def move_view(self, request: HttpRequest) -> HttpResponse:
        """Move one node up or down among its siblings, and redirect to its row."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        direction = "up" if "up" in request.POST else "down"
        key, _separator, parent = request.POST.get(direction, "").partition(":")
        with self.writing(request, key):
            return self.once(request, lambda: self._move_node(request, direction, key, parent))

    def _move_node(self, request: HttpRequest, direction: str, key: str, parent: str) -> HttpResponse:
        """Move the node, unless it no longer exists or is no longer below the parent that the list showed."""
        node = self.get_object(request, key)
        if not self.has_change_permission(request, node):
            raise PermissionDenied
        if node is None:
            messages.error(request, gettext("This does not exist any more; nothing was moved."))
        elif parent and parent != str(node.parent_id):
            text = gettext("“%(node)s” was moved elsewhere in the meantime; nothing was moved.")
            messages.error(request, text % {"node": node})
        else:
            self._move(request, node, direction)
        changelist = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        query = self.get_list_query(request, node)
        back = f"{changelist}?{query}" if query else changelist
        return HttpResponseRedirect(f"{back}#{direction}-{node.pk if node else ''}")

    def _reaches_siblings(self, request: HttpRequest, node: Any) -> bool:
        """Whether the account may reach the parent, among whose children the node would be moved."""
        if area_of(request) is None:
            return True
        return node.parent_id is not None and reaches(request, node.parent)

    def get_list_query(self, request: HttpRequest, node: Any) -> str:
        """Return the query string of the list that the move came from."""
        return QueryDict(request.POST.get("query", "")).urlencode()

    def _move(self, request: HttpRequest, node: TreeNode, direction: str) -> None:
        """Swap the node with the previous or next sibling, and report the result."""
        sibling = None
        if (node.parent_id is not None or self.roots_move) and self._reaches_siblings(request, node):
            common = {name: getattr(node, name) for name in self.siblings_share}
            step = node.get_previous_sibling if direction == "up" else node.get_next_sibling
            sibling = step(**common)
        if sibling is None:
            messages.info(request, gettext("“%(node)s” cannot go further.") % {"node": node})
            return
        node.move_to(sibling, "left" if direction == "up" else "right")
        values = {"node": node, "sibling": sibling}
        if direction == "up":
            text = gettext("“%(node)s” now stands above “%(sibling)s”.") % values
        else:
            text = gettext("“%(node)s” now stands below “%(sibling)s”.") % values
        self.log_change(request, node, text)
        messages.success(request, text)

    @admin.display(description=_("name"))
    def tree_name(self, obj: Any) -> SafeString:
        """Show the name, indented by its depth; the depth is also available to screen readers."""
        depth = min(obj.level, DEEPEST_STYLE)
        level = gettext("level %(level)d") % {"level": obj.level + 1}
        return format_html(
            '<span class="tree-name tree-level-{}">{}<span class="visually-hidden"> ({})</span></span>',
            depth,
            obj,
            level,
        )

    @admin.display(description=_("below it"))
    def descendants(self, obj: Any) -> int:
        """Return the number of descendants."""
        return int(obj.get_descendant_count())

    @admin.display(description=_("order"))
    def moves(self, obj: Any) -> SafeString:
        """Show the buttons that move the row up or down; their form is below the list."""
        parent = obj.parent
        if parent is None:
            first = last = not self.roots_move
        else:
            first, last = obj.lft == parent.lft + 1, obj.rght == parent.rght - 1
        return format_html(
            "{}{}",
            self._button(obj, "up", "▲", gettext("Move “%(node)s” up"), first),
            self._button(obj, "down", "▼", gettext("Move “%(node)s” down"), last),
        )

    @staticmethod
    def _button(obj: Any, direction: str, sign: str, label: str, disabled: bool) -> SafeString:
        """Return one button; it is disabled when there is nothing to move past."""
        return format_html(
            '<button type="submit" form="tree-moves" name="{}" value="{}:{}" id="{}-{}" class="tree-move"'
            ' aria-label="{}" title="{}"{}>{}</button>',
            direction,
            obj.pk,
            obj.parent_id,
            direction,
            obj.pk,
            label % {"node": obj},
            label % {"node": obj},
            SafeString(" disabled") if disabled else "",
            sign,
        )
