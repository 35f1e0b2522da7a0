"""Images, decoded and re-encoded, so that only the picture itself is kept."""

from __future__ import annotations

import io
from typing import IO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from PIL import Image, ImageCms, ImageOps

from pzgent.kernel.files.kinds import FileKind, refusal

LONGEST_SIDE, MOST_PIXELS = 10_000, 40_000_000
FORMATS = {FileKind.PNG: "PNG", FileKind.JPEG: "JPEG", FileKind.WEBP: "WEBP"}
QUALITY = 90
OPTIONS = {
    FileKind.PNG: {},
    FileKind.JPEG: {"quality": QUALITY, "progressive": True},
    FileKind.WEBP: {"quality": QUALITY, "method": 4},
}
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def encode_anew(file: IO[bytes], kind: FileKind, longest_side: int | None) -> bytes:
    """Return the picture upright, in sRGB, without metadata, and scaled down to `longest_side` pixels.

    Raises ValidationError for a picture that is damaged, animated, or has too many pixels, which is known from its
    header before anything is decoded.
    """
    try:
        with Image.open(file, formats=[FORMATS[kind]]) as image:
            _check_size(*image.size)
            # The second picture in some photos (MPO) is left out; an animated one would lose its meaning.
            if kind != FileKind.JPEG and getattr(image, "is_animated", False):
                raise refusal(gettext("This picture moves. Choose one that stands still."), "moving")
            if kind == FileKind.JPEG and longest_side:
                image.draft(None, (longest_side, longest_side))
            picture = _plain(image, kind)
            if longest_side:
                picture.thumbnail((longest_side, longest_side))
            output = io.BytesIO()
            picture.save(output, FORMATS[kind], **OPTIONS[kind])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except ValidationError:
        raise
    except Exception as error:  # decoders fail on damaged data in countless ways
        text = gettext("This picture is damaged. Open it in a program for pictures and save it anew.")
        raise refusal(text, "damaged") from error
    return output.getvalue()


def _check_size(width: int, height: int) -> None:
    """Raise ValidationError for more pixels than the site decodes."""
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise _too_large()


def _too_large() -> ValidationError:
    text = gettext(
        "This picture has too many pixels: at most %(side)d on a side, and %(million)d million in all. Make it smaller."
    )
    return refusal(text % {"side": LONGEST_SIDE, "million": MOST_PIXELS // 1_000_000}, "too_many_pixels")


def _plain(image: Image.Image, kind: FileKind) -> Image.Image:
    """Return the bare pixels, upright and in sRGB."""
    profile = image.info.get("icc_profile")
    # Keep as few copies of a picture of this size in memory as possible.
    ImageOps.exif_transpose(image, in_place=True)
    has_alpha = image.has_transparency_data and kind != FileKind.JPEG
    mode = "RGBA" if has_alpha else "L" if image.mode in ("1", "L") else "RGB"
    if profile and mode != "L":
        image = _in_srgb(image, profile, mode)
    if image.mode != mode:
        image = image.convert(mode)
    image.load()
    image.info = {}
    return image


def _in_srgb(picture: Image.Image, profile: bytes, mode: str) -> Image.Image:
    """Convert the picture from its colour profile to sRGB; return it unchanged if the profile does not fit."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        picture = picture.convert(mode) if picture.mode in ("P", "PA") else picture
        found = ImageCms.profileToProfile(picture, source, SRGB, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return found or picture
