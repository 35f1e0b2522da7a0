"""The tidy placing of trees: what a drawing may rely on, for any tree."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organisation.tidy import place_tidily

GAP = 10.0


def children_of(parents):
    """Children in order, from the number of each node's parent (the root's own is left out)."""
    children = [[] for _ in range(len(parents) + 1)]
    for child, parent in enumerate(parents, start=1):
        children[parent].append(child)
    return children


@st.composite
def trees(draw):
    """Any tree with up to 60 nodes of different sizes."""
    count = draw(st.integers(1, 60))
    parents = [draw(st.integers(0, number)) for number in range(count - 1)]
    sizes = draw(st.lists(st.integers(1, 90).map(float), min_size=count, max_size=count))
    return children_of(parents), sizes


def levels_of(children):
    """The nodes of each level from left to right, as a reader sees them."""
    level, found = [0], []
    while level:
        found.append(level)
        level = [child for node in level for child in children[node]]
    return found


@given(trees())
@settings(max_examples=300, deadline=None)
def test_no_two_nodes_overlap_and_their_order_is_kept(tree):
    children, sizes = tree
    middles = place_tidily(children, sizes, GAP)
    for level in levels_of(children):
        for left, right in itertools.pairwise(level):
            room = middles[right] - sizes[right] / 2 - (middles[left] + sizes[left] / 2)
            assert room >= GAP - 1e-6


@given(trees())
@settings(max_examples=200, deadline=None)
def test_a_parent_stands_in_the_middle_of_its_children(tree):
    children, sizes = tree
    middles = place_tidily(children, sizes, GAP)
    for node, family in enumerate(children):
        if family:
            assert middles[node] == pytest.approx((middles[family[0]] + middles[family[-1]]) / 2)


@given(trees())
@settings(max_examples=100, deadline=None)
def test_the_drawing_starts_at_the_edge(tree):
    children, sizes = tree
    middles = place_tidily(children, sizes, GAP)
    assert min(middle - size / 2 for middle, size in zip(middles, sizes, strict=True)) == pytest.approx(0)


def test_the_same_subtree_looks_the_same_wherever_it_stands():
    # Two branches of the same shape, with an uneven one between them.
    children = [[1, 2, 3], [4, 5], [6, 7, 8, 9], [10, 11], *([] for _ in range(8))]
    middles = place_tidily(children, [20.0] * 12, GAP)
    assert middles[5] - middles[4] == pytest.approx(middles[11] - middles[10])


def test_small_subtrees_between_large_ones_share_the_room():
    # The grandchildren push the outer two apart; the two small ones in between stand evenly.
    children = [[1, 2, 3, 4], [5, 6, 7, 8], [], [], [9, 10, 11, 12], *([] for _ in range(8))]
    middles = place_tidily(children, [20.0] * 13, GAP)
    steps = [middles[2] - middles[1], middles[3] - middles[2], middles[4] - middles[3]]
    assert steps == pytest.approx([steps[0]] * 3)
    assert steps[0] > 30


def test_a_known_tree_keeps_its_places():
    children = [[1, 2], [3, 4, 5], [6], [], [], [], []]
    assert place_tidily(children, [30, 30, 30, 20, 20, 40, 20], GAP) == [
        82.5,
        45.0,
        120.0,
        10.0,
        40.0,
        80.0,
        120.0,
    ]


def test_nothing_gives_nothing():
    assert place_tidily([], [], GAP) == []


def tree_of(shape, count):
    parents = {
        "chain": range(count - 1),
        "fan": [0] * (count - 1),
        "tens": [(number - 1) // 10 for number in range(1, count)],
        "comb": [max(0, number - 1 - number % 2) for number in range(1, count)],
    }[shape]
    return children_of(list(parents))


class Counted(list):
    """A list that counts how often somebody looks into it."""

    looks = 0

    def __getitem__(self, place):
        self.looks += 1
        return super().__getitem__(place)


@pytest.mark.parametrize("shape", ["chain", "fan", "tens", "comb"])
def test_ten_thousand_nodes_take_linear_time(shape):
    def looks_per_node(count):
        children, sizes = Counted(tree_of(shape, count)), Counted([30.0] * count)
        place_tidily(children, sizes, GAP)
        return (children.looks + sizes.looks) / count

    # Counted and not timed, so that a busy machine says the same: the work for each node stays what it was.
    assert looks_per_node(10_000) < 1.1 * looks_per_node(500) < 60
