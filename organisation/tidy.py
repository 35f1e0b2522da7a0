"""Tidy tree layout: deterministic arithmetic for the positions of nodes.

The algorithm of Reingold and Tilford for any number of children, in the linear form of Buchheim, Jünger and Leipert
(“Improving Walker's Algorithm to Run in Linear Time”, 2002), for nodes of different sizes and without recursion: a
chain of units may be deeper than Python's recursion limit.
"""

from __future__ import annotations

from collections.abc import Sequence

NOBODY = -1


def place_tidily(children: Sequence[Sequence[int]], sizes: Sequence[float], gap: float) -> list[float]:
    """Return the centre of each node along the axis of its siblings; the lowest edge is at 0.

    `children` lists, for each node by number, its children in order; node 0 is the root. `sizes` gives the extent
    of each node along the axis, `gap` the minimum distance between neighbours. On each level nodes keep at least
    that distance and their order, a parent is centred between its first and last child, and equal subtrees look the
    same wherever they occur.
    """
    return _Layout(children, sizes, gap).run() if children else []


class _Layout:
    """Working arrays of one run, named as in the paper; each index is the number of a node."""

    def __init__(self, children: Sequence[Sequence[int]], sizes: Sequence[float], gap: float) -> None:
        count = len(children)
        self.children, self.sizes, self.gap = children, sizes, gap
        self.prelim, self.modifier = [0.0] * count, [0.0] * count
        self.shift, self.change = [0.0] * count, [0.0] * count
        self.thread, self.parent, self.index = [NOBODY] * count, [NOBODY] * count, [0] * count
        self.ancestor = list(range(count))
        self.order: list[int] = []

    def run(self) -> list[float]:
        """Lay out from the leaves up, then add up the shifts from the root down."""
        stack = [0]
        while stack:
            node = stack.pop()
            self.order.append(node)
            for index, child in enumerate(self.children[node]):
                self.parent[child], self.index[child] = node, index
                stack.append(child)
        for node in reversed(self.order):
            self._arrange_children(node)
        places, moved = [0.0] * len(self.prelim), [0.0] * len(self.prelim)
        for node in self.order:
            places[node] = self.prelim[node] + moved[node]
            for child in self.children[node]:
                moved[child] = moved[node] + self.modifier[node]
        edge = min(places[node] - self.sizes[node] / 2 for node in self.order)
        return [place - edge for place in places]

    def _arrange_children(self, node: int) -> None:
        """Place the laid-out subtrees of a node next to each other, and store their centre in `prelim`."""
        family = self.children[node]
        if not family:
            return
        leftmost, before = family[0], NOBODY
        for child in family:
            middle = self.prelim[child]  # set by this method for the child's own children
            if before != NOBODY:
                self.prelim[child] = self.prelim[before] + self._distance(before, child)
                if self.children[child]:
                    self.modifier[child] = self.prelim[child] - middle
                leftmost = self._push_apart(child, before, leftmost)
            before = child
        self._spread(family)
        self.prelim[node] = (self.prelim[family[0]] + self.prelim[family[-1]]) / 2

    def _distance(self, left: int, right: int) -> float:
        return (self.sizes[left] + self.sizes[right]) / 2 + self.gap

    def _next_left(self, node: int) -> int:
        return self.children[node][0] if self.children[node] else self.thread[node]

    def _next_right(self, node: int) -> int:
        return self.children[node][-1] if self.children[node] else self.thread[node]

    def _push_apart(self, node: int, before: int, default: int) -> int:
        """Move a subtree until it is clear of all subtrees before it; return the new default ancestor."""
        inner_right = outer_right = node
        inner_left, outer_left = before, self.children[self.parent[node]][0]
        right_sum = outer_right_sum = self.modifier[node]
        left_sum, outer_left_sum = self.modifier[inner_left], self.modifier[outer_left]
        next_left, next_right = self._next_right(inner_left), self._next_left(inner_right)
        while next_left != NOBODY and next_right != NOBODY:
            inner_left, inner_right = next_left, next_right
            outer_left, outer_right = self._next_left(outer_left), self._next_right(outer_right)
            self.ancestor[outer_right] = node
            overlap = (
                self.prelim[inner_left]
                + left_sum
                - self.prelim[inner_right]
                - right_sum
                + self._distance(inner_left, inner_right)
            )
            if overlap > 0:
                self._move(self._owner(inner_left, node, default), node, overlap)
                right_sum += overlap
                outer_right_sum += overlap
            left_sum += self.modifier[inner_left]
            right_sum += self.modifier[inner_right]
            outer_left_sum += self.modifier[outer_left]
            outer_right_sum += self.modifier[outer_right]
            next_left, next_right = self._next_right(inner_left), self._next_left(inner_right)
        if next_left != NOBODY and self._next_right(outer_right) == NOBODY:
            self.thread[outer_right] = next_left
            self.modifier[outer_right] += left_sum - outer_right_sum
        if next_right != NOBODY and self._next_left(outer_left) == NOBODY:
            self.thread[outer_left] = next_right
            self.modifier[outer_left] += right_sum - outer_left_sum
            return node
        return default

    def _owner(self, inner_left: int, node: int, default: int) -> int:
        """Return the sibling of `node` whose subtree contains a node of the left contour."""
        known = self.ancestor[inner_left]
        return known if self.parent[known] == self.parent[node] else default

    def _move(self, left: int, right: int, distance: float) -> None:
        """Move a subtree; `_spread` later distributes the distance over the subtrees in between."""
        share = distance / (self.index[right] - self.index[left])
        self.change[right] -= share
        self.shift[right] += distance
        self.change[left] += share
        self.prelim[right] += distance
        self.modifier[right] += distance

    def _spread(self, family: Sequence[int]) -> None:
        shift = change = 0.0
        for child in reversed(family):
            self.prelim[child] += shift
            self.modifier[child] += shift
            change += self.change[child]
            shift += self.shift[child] + change
