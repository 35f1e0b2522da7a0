"""Score of a response in Mozilla's HTTP Observatory, by its published rules.

https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring (version 5). Only rules that apply here are
implemented; bonus points above 100 count because nothing is deducted.
"""

import re

SECURE_REFERRERS = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
SIX_MONTHS = 15_768_000
SCRIPT = re.compile(r"<script\b[^>]*>")


def score(headers, body):
    """Return the score of an HTTPS response whose HTTP address redirects to it, and the points by rule."""
    parts = {
        "content-security-policy": _policy(headers.get("Content-Security-Policy", "")),
        "cookies": _cookies(headers.get_all("Set-Cookie") or []),
        "cross-origin-resource-sharing": -50 if headers.get("Access-Control-Allow-Credentials") else 0,
        "referrer-policy": 5 if headers.get("Referrer-Policy") in SECURE_REFERRERS else 0,
        "strict-transport-security": _transport(headers.get("Strict-Transport-Security", "")),
        "subresource-integrity": _integrity(SCRIPT.findall(body)),
        "x-content-type-options": 0 if headers.get("X-Content-Type-Options") == "nosniff" else -5,
        "x-frame-options": _framing(headers),
        "cross-origin-resource-policy": 10 if _is_kept_to_site(headers) else 0,
    }
    taken_off = sum(points for points in parts.values() if points < 0)
    return 100 + taken_off if taken_off < -10 else 100 + sum(parts.values()), parts


def _policy(text):
    directives = dict(part.strip().partition(" ")[::2] for part in text.split(";") if part.strip())
    if not directives:
        return -25
    sources = " ".join(directives.values())
    if "unsafe" in sources or "data:" in directives.get("script-src", "") or "http:" in sources:
        return -20
    is_strict = directives.get("default-src") == "'none'" and directives.get("form-action") in (
        "'self'",
        "'none'",
    )
    return 10 if is_strict else 5


def _cookies(cookies):
    if not cookies:
        return 0
    if not all("secure" in cookie.lower() for cookie in cookies):
        return -20
    return 5 if all(re.search("samesite=(lax|strict)", cookie, re.IGNORECASE) for cookie in cookies) else -20


def _transport(text):
    age = re.search(r"max-age=(\d+)", text)
    return -20 if not age else 0 if int(age[1]) >= SIX_MONTHS else -10


def _integrity(scripts):
    if any(re.search(r'src="(https?:)?//', script) for script in scripts):
        return -50
    return 5 if any("integrity=" in script for script in scripts) else 0


def _framing(headers):
    if "frame-ancestors 'none'" in headers.get("Content-Security-Policy", ""):
        return 5
    return 0 if headers.get("X-Frame-Options") in ("DENY", "SAMEORIGIN") else -20


def _is_kept_to_site(headers):
    return headers.get("Cross-Origin-Resource-Policy") in ("same-origin", "same-site")
