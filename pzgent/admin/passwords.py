"""Password strength: no repetition, sequence, keyboard pattern, date, or word that is obvious for this site."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from zxcvbn import zxcvbn

# zxcvbn's highest score: more than 10^10 guesses.
GOOD_ENOUGH = 4
# zxcvbn refuses longer passwords, so only these first characters are estimated.
LONGEST_ESTIMATED = 72
SHORTEST_RUN = 4
# zxcvbn knows the keys of a QWERTY keyboard only.
KEY_ROWS = ("azertyuiop", "qsdfghjklm", "wxcvbn", "qwertzuiop", "yxcvbnm")
SITE_WORDS = (
    "politie", "police", "polizei", "politiezone", "lokalepolitie", "gent", "ghent", "gand", "gentenaar", "pzgent",
    "pzg", "korps", "agent", "inspecteur", "commissaris", "commissariaat", "wijkpolitie", "organogram", "redactie",
    "redacteur", "portaal", "portal", "beheer", "beheerder", "communicatie", "dienst", "belgie", "belgium",
    "wachtwoord", "paswoord", "welkom", "geheim", "zomer", "winter", "lente", "herfst", "januari", "februari", "maart",
    "april", "juni", "juli", "augustus", "september", "oktober", "november", "december", "maandag", "dinsdag",
    "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag",
)  # fmt: skip


def _runs() -> list[str]:
    """Return every run of at least four adjacent keys, in both directions."""
    rows = [row for text in KEY_ROWS for row in (text, text[::-1])]
    return [
        row[start:end]
        for row in rows
        for start in range(len(row))
        for end in range(start + SHORTEST_RUN, len(row) + 1)
    ]


GUESSED_FIRST = [*SITE_WORDS, *_runs()]


class GuessingValidator:
    """Refuse passwords that are easy to guess by the estimate of zxcvbn."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError for a password that is too easy to guess."""
        known = [str(getattr(user, name, "")) for name in ("username", "first_name", "last_name", "email")]
        estimate: Any = zxcvbn(
            password[:LONGEST_ESTIMATED], user_inputs=[*filter(None, known), *GUESSED_FIRST]
        )
        if estimate["score"] < GOOD_ENOUGH:
            raise ValidationError(
                gettext(
                    "This password is too easy to guess: it repeats, counts on, follows the keyboard, or is made of "
                    "common words, dates or words of this site. Take four or more words that do not belong together."
                ),
                code="password_easy",
            )

    def get_help_text(self) -> str:
        """Return the help text of the field."""
        return gettext(
            "Take four or more words that do not belong together. Repetition, sequences, rows of keys, dates and the "
            "words of this site are easy to guess."
        )
