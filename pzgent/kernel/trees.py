"""The only place that changes the structure of a tree.

django-mptt keeps derived columns (`lft`, `rght`, `tree_id`, `level`) next to the parent pointer, and two concurrent
writers corrupt them without an error. Every structural write here takes the tree's lock before it reads any node, and
re-reads the row under that lock: `pg_advisory_xact_lock` on PostgreSQL, the write transaction itself
(`BEGIN IMMEDIATE`) on SQLite.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self
from zlib import crc32

from django.db import connections, models, router, transaction
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from mptt.exceptions import InvalidMove
from mptt.models import MPTTModel, TreeForeignKey
from mptt.querysets import TreeQuerySet

TREE_COLUMNS = ("lft", "rght", "tree_id", "level")
# `tree_id` is absent on purpose: django-mptt renumbers roots through update() while it holds the lock.
STRUCTURE = frozenset({"parent", "parent_id", "lft", "rght", "level"})
WHOLE_TABLE = ""


def _signed(number: int) -> int:
    """Return a CRC as the signed 32-bit integer that PostgreSQL's advisory locks take."""
    return number - (1 << 32) if number >= 1 << 31 else number


@contextmanager
def tree_locks(model: type[models.Model], keys: Iterable[str], using: str | None = None) -> Iterator[None]:
    """Hold the locks of the given trees of a model until the transaction ends, acquired in a fixed order."""
    alias = using or router.db_for_write(model)
    connection = connections[alias]
    with transaction.atomic(using=alias):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                table = _signed(crc32(model._meta.db_table.encode()))
                for key in sorted(set(keys)):
                    cursor.execute(
                        "SELECT pg_advisory_xact_lock(%s, %s)", [table, _signed(crc32(key.encode()))]
                    )
        yield


class TreeNodeQuerySet(TreeQuerySet):
    """A queryset that cannot bypass the lock and damage the tree."""

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete node by node, the deepest first, each under its lock; return Django's (total, per model)."""
        total = 0
        per_model: dict[str, int] = {}
        with transaction.atomic(using=self.db):
            for node in self.order_by("tree_id", "-lft"):
                count, detail = node.delete()
                total += count
                for label, number in detail.items():
                    per_model[label] = per_model.get(label, 0) + number
        return total, per_model

    delete.alters_data = True  # type: ignore[attr-defined]  # Django's own marker

    def update(self, **values: Any) -> int:
        """Update other columns; the structure changes only through save, move_to and delete."""
        if STRUCTURE.intersection(values):
            raise TypeError("A tree is reshaped with save(), move_to() or delete(), never with update().")
        return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]  # Django's own marker

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Raise TypeError: nodes inserted this way have no place in the tree."""
        raise TypeError("Use insert_tree(): bulk_create() leaves nodes without a place in the tree.")

    def bulk_update(self, objs: Iterable[Any], fields: Sequence[str], *args: Any, **kwargs: Any) -> int:
        """Update other columns in bulk; raise TypeError for those of the structure."""
        if STRUCTURE.intersection(fields):
            raise TypeError(
                "A tree is reshaped with save(), move_to() or delete(), never with bulk_update()."
            )
        return super().bulk_update(objs, fields, *args, **kwargs)

    def insert_tree(self, nodes: Sequence["TreeNode"]) -> int:
        """Insert the nodes of entirely new trees in bulk and return how many.

        `nodes` are in document order (each parent before its children, siblings in their order) and refer to their
        parents by instance. Takes linear time; acquires the locks of the trees involved.
        """
        if not nodes:
            return 0
        keys = {key for node in nodes if node.parent_id is None for key in (WHOLE_TABLE, node.tree_key)}
        with tree_locks(self.model, keys, self.db):
            number_nodes(nodes, self.model._tree_manager._get_next_tree_id())
            super().bulk_create(nodes)
        return len(nodes)

    insert_tree.alters_data = True  # type: ignore[attr-defined]  # Django's own marker

    def without_subtrees_of(self, hidden: models.QuerySet) -> Self:
        """Return the nodes that are not among `hidden` and have no ancestor among them.

        The hidden nodes drive the query: its cost depends on how much is hidden, not on the square of the tree's size.
        """
        edges, params = hidden.order_by().values("tree_id", "lft", "rght").query.sql_with_params()
        sql = f"""
            SELECT node.id FROM ({edges}) hidden JOIN {self.model._meta.db_table} node
            ON node.tree_id = hidden.tree_id AND node.lft BETWEEN hidden.lft AND hidden.rght
        """  # noqa: S608  # only the table's name and a compiled query are put in
        return self.exclude(pk__in=RawSQL(sql, params))  # noqa: S611  # as above


def number_nodes(nodes: Sequence["TreeNode"], first_tree_id: int) -> None:
    """Set the edges, level and tree number of nodes in document order, in linear time.

    Raises ValueError for a node that comes before its parent.
    """
    open_nodes: list[TreeNode] = []
    cursor, tree_id = 0, first_tree_id - 1
    for node in nodes:
        while open_nodes and open_nodes[-1].pk != node.parent_id:
            cursor += 1
            open_nodes.pop().rght = cursor
        if node.parent_id is None:
            cursor, tree_id = 0, tree_id + 1
        elif not open_nodes:
            raise ValueError(f"{node!r} stands before its parent.")
        cursor += 1
        node.lft, node.level, node.tree_id = cursor, len(open_nodes), tree_id
        open_nodes.append(node)
    while open_nodes:
        cursor += 1
        open_nodes.pop().rght = cursor


class TreeNode(MPTTModel):
    """A node whose structural writes all lock its tree first and work on fresh values."""

    parent = TreeForeignKey(
        "self",
        # Refuses to delete a node with children, unless the whole tree is deleted along with its owner.
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=gettext_lazy("part of"),
        help_text=gettext_lazy("What it stands directly under. Empty: at the top."),
    )

    objects = TreeNodeQuerySet.as_manager()

    parent_id: Any

    # True while django-mptt, inside move_to(), saves the node that it has just moved.
    _moving = False

    class Meta:
        abstract = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._loaded: dict[str, Any] = {}

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        """Return an instance that remembers the loaded values, to detect changes later."""
        instance = super().from_db(*args, **kwargs)
        instance._remember()
        return instance

    def _remember(self) -> None:
        self._loaded = {
            column.attname: self.__dict__[column.attname]
            for column in self._meta.concrete_fields
            if column.attname in self.__dict__
        }

    @property
    def tree_key(self) -> str:
        """The key of the tree that this node belongs to; the whole table if a model has only one."""
        return WHOLE_TABLE

    def _lock_keys(self) -> set[str]:
        """Return the locks to take: a new root gets a tree number, which affects the whole table; all else one tree."""
        return {WHOLE_TABLE, self.tree_key} if self.parent_id is None else {self.tree_key}

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the node under the tree's lock.

        A parent that this instance did not change follows the database, so that a stale instance never moves a node
        back. Raises InvalidMove if the new parent is the node itself, a descendant of it, or no longer exists.
        """
        with tree_locks(type(self), self._lock_keys(), kwargs.get("using")):
            if not self._moving:
                if self._state.adding:
                    self._forget_place()
                else:
                    self._adopt_current_place(kwargs.get("update_fields"))
                self._fetch_parent()
            if not self._state.adding and kwargs.get("update_fields") is None:
                kwargs["update_fields"] = self._changed_fields()
            super().save(*args, **kwargs)
            self._remember()

    def move_to(self, target: "TreeNode | None", position: str = "first-child") -> None:
        """Move below or next to a target (first-child, last-child, left, right) under the tree's lock."""
        with tree_locks(type(self), {WHOLE_TABLE, self.tree_key}):
            # The target's parent must be current too: django-mptt only refreshes its edges.
            current = None if target is None else self._current(target.pk)
            self._moving = True
            try:
                super().move_to(current, position)
            finally:
                self._moving = False

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the node; one that no longer exists is no error. Raises RestrictedError if it has children."""
        with tree_locks(type(self), {self.tree_key}, kwargs.get("using")):
            if not type(self)._base_manager.filter(pk=self.pk).exists():
                return 0, {}
            self.refresh_from_db()
            return super().delete(*args, **kwargs)

    def _forget_place(self) -> None:
        """Clear the tree columns, so that a copied node does not claim the place of its original."""
        for column in TREE_COLUMNS:
            setattr(self, column, None)

    def _adopt_current_place(self, update_fields: Iterable[str] | None) -> None:
        """Adopt the stored place, and the stored parent unless this save is meant to change it."""
        row = type(self)._base_manager.filter(pk=self.pk).values("parent_id", *TREE_COLUMNS).first()
        if row is None:
            raise type(self).DoesNotExist(_("This item was deleted in the meantime; nothing was saved."))
        unchanged = self.parent_id == self._mptt_cached_fields["parent"]
        if unchanged or (update_fields is not None and "parent" not in update_fields):
            self.parent_id = row["parent_id"]
        self._mptt_cached_fields["parent"] = row["parent_id"]
        for column in TREE_COLUMNS:
            setattr(self, column, row[column])

    def _fetch_parent(self) -> None:
        """Replace a parent object that was read before the lock by the current one."""
        if self.parent_id is None:
            return
        parent = self._current(self.parent_id)
        if (
            self.lft
            and parent.tree_id == self.tree_id
            and self.lft <= parent.lft
            and parent.rght <= self.rght
        ):
            raise InvalidMove(_("A node cannot be moved below itself."))
        self.parent = parent

    def _current(self, pk: Any) -> "TreeNode":
        """Return a node as it is now. Raises InvalidMove if it no longer exists."""
        node = type(self)._base_manager.filter(pk=pk).first()
        if node is None:
            raise InvalidMove(_("The item you chose was deleted in the meantime; choose another one."))
        return node

    def _changed_fields(self) -> list[str]:
        """Return the fields that this instance changed, so that another writer's change is not overwritten."""
        fields = []
        for column in self._meta.concrete_fields:
            if column.primary_key or column.name in TREE_COLUMNS or column.attname not in self.__dict__:
                continue
            unchanged = self._loaded.get(column.attname, self) == self.__dict__[column.attname]
            if column.name == "parent" or getattr(column, "auto_now", False) or not unchanged:
                fields.append(column.name)
        return fields


def find_faults(model: type[TreeNode]) -> list[str]:
    """Return every inconsistency in a model's trees, as sentences; empty if there is none.

    Relies on the parent pointers alone, so it also detects cycles that a rebuild would lose.
    """
    nodes = model._base_manager.values_list("pk", "parent_id", *TREE_COLUMNS, named=True)
    rows = {row.pk: row for row in nodes}
    children: dict[Any, list[Any]] = {}
    for row in rows.values():
        children.setdefault(row.parent_id, []).append(row)
    orphans = (row for row in rows.values() if row.parent_id and row.parent_id not in rows)
    faults = [f"{row.pk}: parent {row.parent_id} does not exist" for row in orphans]
    reached: set[Any] = set()
    tree_ids: dict[int, Any] = {}
    for root in children.get(None, []):
        if root.tree_id in tree_ids:
            faults.append(f"{root.pk}: shares tree number {root.tree_id} with {tree_ids[root.tree_id]}")
        tree_ids[root.tree_id] = root.pk
        faults.extend(_faults_below(root, children, reached))
    faults.extend(f"{pk}: not reachable from any root (a cycle of parents)" for pk in rows.keys() - reached)
    return faults


def _faults_below(root: Any, children: dict[Any, list[Any]], reached: set[Any]) -> Iterator[str]:
    """Compare the stored edges of one tree with those that its parent pointers imply."""
    cursor = 0
    stack: list[tuple[Any, int, bool]] = [(root, 0, False)]
    while stack:
        node, level, leaving = stack.pop()
        cursor += 1
        if leaving:
            if node.rght != cursor:
                yield f"{node.pk}: right edge is {node.rght}, should be {cursor}"
            continue
        reached.add(node.pk)
        if node.lft != cursor:
            yield f"{node.pk}: left edge is {node.lft}, should be {cursor}"
        if node.level != level:
            yield f"{node.pk}: level is {node.level}, should be {level}"
        if node.tree_id != root.tree_id:
            yield f"{node.pk}: tree number is {node.tree_id}, should be {root.tree_id}"
        stack.append((node, level, True))
        below = sorted(children.get(node.pk, []), key=lambda child: child.lft, reverse=True)
        stack.extend((child, level + 1, False) for child in below)
