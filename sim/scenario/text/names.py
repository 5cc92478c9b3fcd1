"""What scenarios, variants and options may be called; scenarios' names are those of files too."""

import re
import unicodedata

from sim.scenario.errors.problem import show

LONGEST_FILE_NAME = 120
"""Characters of a scenario's name: what is put behind it must fit a file system's 255 as well."""


_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever follows after a dot."""


def name_fault(text: str) -> str:
    """Why a text cannot name a scenario, and with it files and folders; empty if it can."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", text) is None:
        allowed = "use letters, digits, '-', '_' and '.', without spaces"
        like = slug(text)
        return f"'{text}' cannot be a name; {allowed}" + f", such as {like}" * bool(like)
    if len(text) > LONGEST_FILE_NAME:
        return f"has {len(text)} characters; a name may have {LONGEST_FILE_NAME}"
    if text.endswith("."):
        return f"'{text}' cannot be a name, as it ends with a dot; leave it out"
    if _DEVICES.fullmatch(text):
        return (
            f"'{text}' cannot be a name: Windows keeps it for a device; use one such as site-{text}"
        )
    return ""


_LETTERS = str.maketrans(
    {
        **dict.fromkeys("æä", "ae"),
        **dict.fromkeys("øö", "oe"),
        **dict.fromkeys("ÆÄ", "Ae"),
        **dict.fromkeys("ØÖ", "Oe"),
        "å": "aa",
        "Å": "Aa",
        "ü": "ue",
        "Ü": "Ue",
        "ß": "ss",
    }
)
LONGEST_OPTION = 80
"""Characters of what an option of a comparison, or a variant, is called."""
_RESERVED = "none"


def option_fault(text: str) -> str:
    """Why an option or a variant cannot be called so; empty if it can: nearly any text will do."""
    if not text.strip() or not text.isprintable():
        return f"{show(text, quotes=True)} cannot be a name; write it with letters, on one line"
    if len(text) > LONGEST_OPTION:
        return f"has {len(text)} characters; the name of an option may have {LONGEST_OPTION}"
    if text.casefold() == _RESERVED:
        return f"'{text}' cannot be a name: it stands for no option; take another"
    if wrong := next((sign for sign in "=;" if sign in text), ""):
        return f"'{text}' cannot be a name, as it has '{wrong}' in it; leave that out"
    return ""


def with_variant(name: str, variant: str) -> str:
    """The name of a scenario's variant, which is that of its files: `site-aaben-laengere`."""
    return f"{name}-{variant if is_name(variant) else slug(variant) or 'variant'}"


def in_letters_of_files(text: str) -> str:
    """The text with letters such as æ, ø and é as those that every file system has."""
    plain = unicodedata.normalize("NFC", text).translate(_LETTERS)
    return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()


def slug(text: str) -> str:
    """A text as the name of a file, such as `aaben-laengere`; empty if nothing is left."""
    plain = in_letters_of_files(text.casefold())
    return re.sub(r"[^a-z0-9._]+", "-", plain).strip("-._")[:LONGEST_FILE_NAME]


def is_name(text: str) -> bool:
    """Whether a text can be a scenario's name, which also names files and folders."""
    return not name_fault(text)


def folder_fault(name: str) -> str:
    """Why no folder that every file system takes can have a name; empty if one can."""
    unfit = sorted(one for one in set(name) if one in '<>:"|?*\\/' or not one.isprintable())
    if unfit:
        return f"{show(name, quotes=True)} has {show(unfit[0], quotes=True)} in it; leave that out"
    if len(name.encode()) > LONGEST_FILE_NAME:
        return f"has {len(name)} characters; a folder's name may have {LONGEST_FILE_NAME}"
    if name.endswith((".", " ")):
        return f"'{name}' ends with a dot or a space; leave it out"
    if _DEVICES.fullmatch(name):
        return f"'{name}' is a name that Windows keeps for a device; use one such as site-{name}"
    return ""
