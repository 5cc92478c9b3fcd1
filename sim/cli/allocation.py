"""Memory that one replication has freed is there for the next."""

import ctypes

_TRIM, _MMAP = -1, -3
"""Settings of glibc's mallopt: when freed memory is given back, and what is asked for apart."""
_NEVER = 2**30


def keep_freed_memory() -> None:
    """Let the C library keep what is freed, where it is one that can be told.

    A replication fills some ten to a hundred megabytes and frees them. By default glibc gives
    them back at once, and the next replication gets them anew page by page, which took a tenth
    of the time of a search among designs.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library, or none to be had
        return
    mallopt(_TRIM, _NEVER)
    mallopt(_MMAP, _NEVER)
