"""What scenarios and variants may be called: their names are those of files and folders too."""

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
    {**dict.fromkeys("æä", "ae"), **dict.fromkeys("øö", "oe"), "å": "aa", "ü": "ue", "ß": "ss"}
)


def slug(text: str) -> str:
    """A text as the name of a file, such as `aaben-laengere`; empty if nothing is left."""
    plain = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
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
