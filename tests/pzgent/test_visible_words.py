"""The checks of the words that a page shows find a fault that is there."""

import pytest

from tests.visible_words import empty_blocks_of, length_of, main_of, share_of_sources


def page(text):
    """Return a page with this content."""
    return main_of(f"<body><main><h1>Title</h1><p>One two three four.</p>{text}</main><p></p></body>")


@pytest.mark.parametrize(
    "text",
    [
        "<h2>Alone</h2>",
        "<h2>Alone</h2><section><h2>Next</h2><p>Words</p></section>",
        "<p> </p>",
        "<ul></ul>",
        "<dl><dt>Name</dt><dd><span></span></dd></dl>",
        "<table><tbody><tr><th>A</th><td></td><td>1</td></tr><tr><th>B</th><td></td><td>2</td></tr></tbody></table>",
    ],
)
def test_an_empty_block_is_found(text):
    assert empty_blocks_of(page(text))


@pytest.mark.parametrize(
    "text",
    [
        "<h2>Above</h2><h3>Below</h3><p>Words</p>",
        "<h2>Picture</h2><figure><svg></svg></figure>",
        '<p role="status"></p>',
        '<h2><a href="/">A card is its link</a></h2>',
        "<table><tbody><tr><td></td><td>1</td></tr><tr><td>2</td><td></td></tr></tbody></table>",
    ],
)
def test_a_block_with_content_is_not(text):
    assert empty_blocks_of(page(text)) == []


def test_folded_sources_count_by_their_label_alone():
    note = "<summary>Source</summary><p>A book of ten pages.</p>"
    assert share_of_sources(page(f'<details class="source">{note}</details>')) == pytest.approx(1 / 6)
    assert share_of_sources(page(f'<details class="source" open>{note}</details>')) == pytest.approx(6 / 11)
    assert share_of_sources(page('<p class="visually-hidden">A source</p>')) == 0
    inside = f'<details><summary>More</summary><details class="source">{note}</details></details>'
    assert share_of_sources(page(inside)) == 0


def test_a_time_of_day_is_one_word():
    assert length_of("lundi 08 h 30 – 12 h 00, pas 1 h") == 6
