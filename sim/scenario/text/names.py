"""What scenarios, variants and options may be called; scenarios' names are those of files too."""

import re
import unicodedata

from sim.scenario.errors.problem import show
from sim.scenario.errors.told import told

LONGEST_FILE_NAME = 120
"""Characters of a scenario's name: what is put behind it must fit a file system's 255 as well."""


_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever follows after a dot."""


def name_fault(text: str) -> str:
    """Why a text cannot name a scenario, and with it files and folders; empty if it can."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", text) is None:
        allowed = told(
            "use_letters_digits_and_without_spaces",
            "use letters, digits, '-', '_' and '.', without spaces",
        )
        like = slug(text)
        example = told("such_as", ", such as {like}", like=like) if like else ""
        return told(
            "cannot_be_a_name",
            "'{text}' cannot be a name; {allowed}{example}",
            text=text,
            allowed=allowed,
            example=example,
        )
    if len(text) > LONGEST_FILE_NAME:
        return told(
            "has_characters_a_name_may_have",
            "has {number} characters; a name may have {longest_file_name}",
            number=len(text),
            longest_file_name=LONGEST_FILE_NAME,
        )
    if text.endswith("."):
        return told(
            "cannot_be_a_name_as_it_ends",
            "'{text}' cannot be a name, as it ends with a dot; leave it out",
            text=text,
        )
    if _DEVICES.fullmatch(text):
        return told(
            "cannot_be_a_name_windows_keeps_it",
            "'{text}' cannot be a name: Windows keeps it for a device; use one such as site-{text}",
            text=text,
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


def option_fault(text: str, *, alone: bool = False) -> str:
    """Why an option or a variant cannot be called so; empty if it can: nearly any text will do.

    Args:
        text: the name.
        alone: whether it is told where the name stands, and so not named again.
    """
    who = "" if alone else f"{show(text, quotes=True)} "
    if not text.strip() or not text.isprintable():
        return told(
            "cannot_be_a_name_write_it_with",
            "{who}cannot be a name; write it with letters, on one line",
            who=who,
        )
    if len(text) > LONGEST_OPTION:
        return told(
            "has_characters_the_name_of_an_option",
            "has {number} characters; the name of an option may have {longest_option}",
            number=len(text),
            longest_option=LONGEST_OPTION,
        )
    if text.casefold() == _RESERVED:
        return told(
            "cannot_be_a_name_it_stands_for",
            "{who}cannot be a name: it stands for no option; take another",
            who=who,
        )
    if wrong := next((sign for sign in "=;" if sign in text), ""):
        return told(
            "cannot_be_a_name_as_it_has",
            "{who}cannot be a name, as it has '{wrong}' in it; leave that out",
            who=who,
            wrong=wrong,
        )
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
        return told(
            "has_in_it_leave_that_out",
            "{name} has {unfit} in it; leave that out",
            name=show(name, quotes=True),
            unfit=show(unfit[0], quotes=True),
        )
    if len(name.encode()) > LONGEST_FILE_NAME:
        return told(
            "has_characters_a_folder_s_name_may",
            "has {number} characters; a folder's name may have {longest_file_name}",
            number=len(name),
            longest_file_name=LONGEST_FILE_NAME,
        )
    if name.endswith((".", " ")):
        return told(
            "ends_with_a_dot_or_a_space",
            "'{name}' ends with a dot or a space; leave it out",
            name=name,
        )
    if _DEVICES.fullmatch(name):
        return told(
            "is_a_name_that_windows_keeps_for",
            "'{name}' is a name that Windows keeps for a device; use one such as site-{name}",
            name=name,
        )
    return ""
