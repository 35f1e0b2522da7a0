"""Objectives with their ancestors, their descendants and the projects that serve them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from projects.models import Objective, Project

Aim = dict[str, Any]


def get_tree(
    objectives: Iterable[Objective], projects: Iterable[Project], served: Mapping[UUID, Sequence[UUID]]
) -> list[Aim]:
    """Return objectives in document order as nested dicts of `node`, `children` and `projects`, in one linear pass."""
    roots: list[Aim] = []
    by_key: dict[UUID | None, Aim] = {}
    for node in objectives:
        by_key[node.pk] = entry = {"node": node, "children": [], "projects": []}
        parent = by_key.get(node.parent_id)
        (parent["children"] if parent else roots).append(entry)
    for project in projects:
        for key in served.get(project.pk, ()):
            if key in by_key:
                by_key[key]["projects"].append(project)
    return roots


def get_lines(objectives: Mapping[UUID, Objective], keys: Iterable[UUID]) -> list[list[Objective]]:
    """Return the path from the root to each objective with these keys, itself included, in document order."""
    wanted = frozenset(keys)
    return [list(climb(objectives, key))[::-1] for key in objectives if key in wanted]


def climb(objectives: Mapping[UUID, Objective], key: UUID | None) -> Iterator[Objective]:
    """Yield an objective and its ancestors, as far as they are in the mapping."""
    while key is not None and (objective := objectives.get(key)):
        yield objective
        key = objective.parent_id


def projects_below(aim: Aim) -> list[Project]:
    """Return the projects that serve an aim or a part of it, each once, in document order."""
    found = {project.pk: project for project in aim["projects"]}
    for child in aim["children"]:
        found.update((project.pk, project) for project in projects_below(child) if project.pk not in found)
    return list(found.values())
