"""Text folding for comparison, shared by the site search, lists, the API, the admin and the browser script.

Case, accents, ligatures, invisible characters, and variants of dashes, apostrophes, quotes and spaces are ignored. The
database folds by the same tables: SQLite calls `fold` itself, PostgreSQL has an SQL function. `static/js/site.js`
repeats these tables; `tests/pzgent/test_folding.py` checks that all three agree.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Lookup

NAME = "pzgent_fold"
# Fragments of a character class, in the syntax that Python, PostgreSQL and JavaScript share.
# Never typed or pronounced: apostrophes (“camera’s” is “cameras”), standalone accents, and invisible characters.
DROPPED = (
    r"'`\u00b4\u02b9-\u02bf\u02c8\u02ca\u02cb\u0384\u055a\u05f3\u1fbd\u1fbf\u1fef\u1ffd\u1ffe\u2018-\u201b\u2032\u2035"
    r"\u2039\u203a\uff07\uff40"
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    r"\ufeff\uffa0"
)
# Those accents that would leave a space when decomposed.
ALONE = r"\u00b4\u0384\u1fbd\u1fbf\u1ffd\u1ffe"
# Accents and other marks, once letters are decomposed.
MARKS = (
    r"\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    r"\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
# All variants of quotes and spaces, which become a space.
BLANKS = (
    r"\u0022\u00ab\u00bb\u201c-\u201f\u2033\u2036\u301d-\u301f"
    r"\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
)
DASHES = r"\u058a\u05be\u1806\u2010-\u2015\u2043\u2212\u2e3a\u2e3b\u301c\u30a0\ufe58\ufe63\uff0d"
LETTERS = {
    "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "ς": "σ",
}  # fmt: skip

_alone, _unheard = re.compile(f"[{ALONE}]"), re.compile(f"[{DROPPED}{MARKS}]")
_blanks, _dashes = re.compile(f"[{BLANKS}]"), re.compile(f"[{DASHES}]")
_letters, _plain = str.maketrans(LETTERS), str.maketrans({"'": None, "`": None, '"': " "})


def fold(text: str) -> str:
    """Return the text in lower-case plain letters; drop apostrophes, turn quotes into spaces, dashes into hyphens."""
    if text.isascii():
        return text.lower().translate(_plain)
    text = _unheard.sub("", unicodedata.normalize("NFKD", _alone.sub("", text))).lower()
    return _dashes.sub("-", _blanks.sub(" ", text)).translate(_letters)


def with_plain_signs(text: str) -> str:
    """Return the text with its own letters, but with plain digits, hyphens and spaces."""
    return _dashes.sub("-", _blanks.sub(" ", unicodedata.normalize("NFKC", text)))


def install_function(using: str) -> None:
    """Install the function on PostgreSQL; idempotent. SQLite gets it with each connection."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        # The ICU collation lowers the letters of every language, whatever the locale of the database.
        cursor.execute("SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu'")
        cursor.execute(_function('COLLATE "und-x-icu"' if cursor.fetchone() else ""))


def add_function(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Register the function on a new SQLite connection."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(NAME, 1, _fold_value, deterministic=True)


def _fold_value(value: Any) -> str | None:
    return None if value is None else fold(str(value))


def _function(collation: str) -> str:
    """Return the SQL that is equivalent to `fold`."""
    unheard = (DROPPED + MARKS).replace("'", "''")
    text = f"normalize(regexp_replace(value, '[{ALONE}]', '', 'g'), NFKD)"
    text = f"lower(regexp_replace({text}, '[{unheard}]', '', 'g') {collation})"
    text = f"regexp_replace(regexp_replace({text}, '[{BLANKS}]', ' ', 'g'), '[{DASHES}]', '-', 'g')"
    # Much faster than `translate`, which compares each character with its whole list.
    for letter, letters in LETTERS.items():
        text = f"replace({text}, '{letter}', '{letters}')"
    plain = f"""replace(replace(replace(lower(value {collation}), '''', ''), '`', ''), '"', ' ')"""
    return f"""
        CREATE OR REPLACE FUNCTION {NAME}(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE WHEN octet_length(value) = length(value) THEN {plain} ELSE {text} END
        $$
    """  # only tables of our own


@Field.register_lookup
class Holds(Lookup):
    """`title__holds="comite"`: the folded value contains the folded text."""

    lookup_name = "holds"
    prepare_rhs = False

    def get_prep_lookup(self) -> str:
        """Fold the search text."""
        return fold(str(self.rhs))

    def get_db_prep_lookup(self, value: Any, connection: Any) -> Any:
        """Return the text unchanged, even if the column holds numbers."""
        return "%s", [value]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Return a plain substring search, in which no character is special."""
        column, params = self.process_lhs(compiler, connection)
        place = "instr({}, %s)" if connection.vendor == "sqlite" else "strpos({}, %s)"
        cast = column if connection.vendor == "sqlite" else f"({column})::text"
        return f"{place.format(f'{NAME}({cast})')} > 0", [*params, self.rhs]
