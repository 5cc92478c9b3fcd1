"""The terminal: what is printed, how it may look, and how wrong input is reported."""

import codecs
import os
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO, TextIOWrapper
from pathlib import Path
from string import Formatter
from threading import Event, Lock, Thread
from typing import Any, NoReturn, Self, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.segment import Segment
from rich.table import Table
from rich.text import Span, Text

from sim.report import ENGLISH
from sim.report.page.words import LANGUAGES, Words, catalogue
from sim.scenario import ScenarioError
from sim.scenario.errors.problem import message_of, of_system
from sim.scenario.errors.told import told

WIDTH = 80
"""Columns for output that is not on a terminal; a terminal is used up to this width too."""
_REPLICATIONS = told("count_replications", "replications")
SILENCE = 3.0
"""Seconds after which a program that says nothing seems to hang."""
_NEAREST = "dcr-sim.nearest"
"""Name of what is done about letters that a terminal does not have."""
_PLAIN = {
    **dict.fromkeys("\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}", "-"),
    **dict.fromkeys("\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}", "'"),
    **dict.fromkeys("“”", '"'),
    "×": "x",
    "±": "+-",
    "→": "->",
    "…": "...",
    "≤": "<=",
    "≥": ">=",
    "·": ".",
    "\N{NO-BREAK SPACE}": " ",
}
"""What stands for signs that our own texts use."""
_TURNS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of writing, with which text can be shown that is not there."""


_PLACE = "\N{OBJECT REPLACEMENT CHARACTER}"
_CLOSED = told(
    "standard_output_was_closed_before_all_was", "standard output was closed before all was printed"
)
_STREAMS = 2
"""Number of the last of the three streams that a program begins with."""


class OutputError(Exception):
    """Standard output takes no more; the message says why."""


# --- text ---------------------------------------------------------------------------------------


def visible(text: str) -> str:
    r"""Text with its control characters as escapes, such as `\x1b`; line ends stay.

    They would move the cursor, colour the screen or retitle the window of whoever reads a
    scenario that somebody else has written.
    """
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(sign: str) -> str:
    hidden = unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} or sign in _TURNS
    return _escaped(sign) if hidden and sign != "\n" else sign


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")


def styled(template: str, *values: object) -> Text:
    """Text with Rich's markup in it; the only way in which markup reaches the console.

    Args:
        template: our own words with markup, and `{}` or `{:.1f}` for values.
        values: take the places in their order, as they are: text in them is never markup.
    """
    marked, given, values_left = "", list[Text](), iter(values)
    for literal, field, form, _ in Formatter().parse(template):
        marked += literal
        if field is not None:
            marked += _PLACE
            given.append(_given(next(values_left), form or ""))
    whole = Text.from_markup(marked, emoji=False)
    places = [place for place, sign in enumerate(whole.plain) if sign == _PLACE]
    pieces, waiting = list[Text](), iter(given)
    for piece in whole.divide([cut for place in places for cut in (place, place + 1)]):
        pieces.append(_styled_as(piece, next(waiting)) if piece.plain == _PLACE else piece)
    return Text().join(pieces)


def _given(value: object, form: str) -> Text:
    """A value on one line, whatever is in it."""
    if isinstance(value, Text):
        return value
    text = format(visible(value) if isinstance(value, str) else value, form)
    return Text(text.replace("\n", "\\n"))


def _styled_as(piece: Text, text: Text) -> Text:
    """Text in the styles of a piece of one letter."""
    spans = [Span(0, len(text), one.style) for one in piece.spans]
    return Text(text.plain, spans=[*spans, *text.spans])


class _Console(Console):
    """A console to which text is text: no markup, no emoji codes, no control characters."""

    def __init__(self, *, stderr: bool, width: int | None = None) -> None:
        super().__init__(
            stderr=stderr, width=width, markup=False, emoji=False, highlight=False, soft_wrap=False
        )

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for one in super().render(renderable, options):
            safe = one.control or one.text.isprintable()
            yield one if safe else Segment(visible(one.text), one.style)

    def on_broken_pipe(self) -> None:
        raise OutputError(_CLOSED)


def console(*, stderr: bool = False) -> Console:
    """A console of at most WIDTH columns; markup is for `styled` alone."""
    found = _Console(stderr=stderr)
    return _Console(stderr=stderr, width=min(found.width, WIDTH) if found.is_terminal else WIDTH)


def say(what: RenderableType, *, soft_wrap: bool = False) -> None:
    """Print on standard output.

    Args:
        what: text, or a table.
        soft_wrap: whether the terminal may break lines, as where a path is to be copied.
    """
    console().print(what, soft_wrap=soft_wrap)


def warn(text: str, label: str | None = None) -> None:
    """Print a warning on standard error, in the language that is asked for where it was told.

    Args:
        text: what it says.
        label: what stands before it, if not what the catalogue has.
    """
    words = asked_words()
    label = words["screen.warning"] if label is None else label
    console(stderr=True).print(styled("[yellow]{}[/yellow] {}", label, words.told(text)))


def say_labelled(label: str, texts: Iterable[str], width: int) -> None:
    """Print lines of which the first has a label; what goes on stands below its beginning.

    Args:
        label: before the first of them.
        texts: the lines.
        width: letters that labels take.
    """
    table = Table.grid(expand=True)
    table.add_column(width=width, no_wrap=True)
    table.add_column(ratio=1)
    for number, text in enumerate(texts):
        table.add_row(styled("{}", "" if number else label), styled("{}", text))
    if table.rows:
        say(table)


def new_table(*, dim: bool = False, expand: bool = True) -> Table:
    """A table without lines.

    Args:
        dim: whether its heading is dim.
        expand: whether it takes the whole width.
    """
    return Table(box=None, pad_edge=False, header_style="dim" if dim else "", expand=expand)


# --- messages -----------------------------------------------------------------------------------


def started_as() -> str:
    """The program as it was started: `python run.py`, `python -m sim.cli` or `dcr-sim`."""
    return "python run.py" if Path(sys.argv[0]).name == "run.py" else "dcr-sim"


def report_problems(error: ScenarioError) -> NoReturn:
    """Print one line a problem and end with status 2."""
    sys.stderr.write(visible(f"{error.said(asked_words().told)}\n"))
    sys.exit(2)


def asked_lang() -> str:
    """The language that the command line asks for, as far as it is read.

    What goes wrong may do so before options are read, or because they cannot be.
    """
    given = sys.argv[1:]
    after = [given[place + 1] for place, one in enumerate(given[:-1]) if one == "--lang"]
    joined = [one.partition("=")[2] for one in given if one.startswith("--lang=")]
    lang = next(iter([*after, *joined]), ENGLISH)
    return lang if lang in LANGUAGES else ENGLISH


def asked_words() -> Words:
    """The words of that language."""
    return catalogue(asked_lang())


def fail(message: str, *, status: int = 2) -> NoReturn:
    """Print one line, in the language that is asked for where it was told, and end."""
    sys.stderr.write(visible(f"dcr-sim: {asked_words().told(message)}\n"))
    sys.exit(status)


@contextmanager
def expecting(*errors: type[Exception]) -> Iterator[None]:
    """End the program where one of these is thrown within the block; its message says all."""
    try:
        yield
    except errors as error:
        fail(message_of(error))


# --- the streams --------------------------------------------------------------------------------


class _Output(TextIOWrapper):
    """Standard output that says by an error of its own that it takes no more."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            raise OutputError(_why(error)) from error

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            raise OutputError(_why(error)) from error


class _Messages(TextIOWrapper):
    """Standard error: nobody's work ends because a message about it cannot be read."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            return super().write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            super().flush()


def _why(error: OSError) -> str:
    if isinstance(error, BrokenPipeError):
        return _CLOSED
    return told(
        "cannot_write_to_standard_output",
        "cannot write to standard output: {lower}",
        lower=of_system(error, small=True),
    )


def begin_output() -> None:
    """See that letters which the terminal does not have, or a full disk, end no command badly."""
    codecs.register_error(_NEAREST, _nearest)
    missing = [sys.stdin, sys.stdout, sys.stderr].count(None)
    if missing:
        # What is opened next would get their numbers, and what is printed.
        while (number := os.open(os.devnull, os.O_RDWR)) <= _STREAMS:
            continue
        os.close(number)
    if sys.stderr is None:
        sys.stderr = TextIOWrapper(BytesIO())  # read by nobody
    if sys.stdout is None:
        fail(
            told(
                "fail_standard_output_is_closed_there_is",
                "standard output is closed; there is nowhere to print to",
            )
        )
    if sys.stdout is sys.__stdout__:  # else a test or another program looks after it
        sys.stdout = _taken_over(sys.stdout, _Output)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _taken_over(sys.stderr, _Messages)


def _taken_over(stream: TextIO | None, by: type[TextIOWrapper]) -> TextIOWrapper:
    assert stream is not None
    stream.flush()
    return by(
        stream.buffer,
        encoding=stream.encoding,
        errors=_NEAREST,
        line_buffering=bool(stream.line_buffering) or by is _Messages,
    )


def _nearest(error: UnicodeError) -> tuple[str, int]:
    """What is printed in place of letters that the terminal does not have."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(_PLAIN.get(sign) or _escaped(sign) for sign in signs), error.end


def end_output() -> None:
    """Print what still waits to be printed.

    Raises:
        OutputError: it cannot be.
    """
    sys.stdout.flush()


def fail_for_output(error: OutputError) -> NoReturn:
    """End because standard output takes no more."""
    with suppress(OSError, ValueError):
        # What waits to be printed is not tried again at the end of the program.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    fail(message_of(error))


# --- progress -----------------------------------------------------------------------------------

Show = Callable[[int, int], None]
"""Takes how many are done, of how many; of 0 where that is not known."""


@contextmanager
def progress_bar(what: str = _REPLICATIONS, *, brief: bool = False) -> Iterator[Show]:
    """Shows how many are done, of how many: a bar on a terminal, else lines.

    Args:
        what: is counted.
        brief: whether it is mostly over in a moment: then lines begin when it is not.
    """
    out, words = console(stderr=True), asked_words()
    if not out.is_terminal:
        with _Lines(what, SILENCE if brief else 0.0) as lines:
            yield lines.show
        return
    columns = (
        TextColumn(words.told(what).capitalize(), markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(words.told(told("left_over", "time left"))),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=out, transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of or None)

        yield show


class _Lines:
    """A line for each tenth of the work, and whenever nothing was said for seconds."""

    def __init__(self, what: str, quiet: float) -> None:
        self._what, self._quiet = what, quiet
        self._began = self._told = self._moved = time.monotonic()
        self._done, self._of = 0, 0
        self._over = Event()
        self._lock = Lock()
        self._watch = Thread(target=self._speak_up, daemon=True)

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    def show(self, done: int, of: int) -> None:
        with self._lock:
            tenth = bool(of) and done * 10 // of != self._done * 10 // of
            self._done, self._of, self._moved = done, of, time.monotonic()
            if tenth and self._moved - self._began >= self._quiet:
                self._tell()

    def _speak_up(self) -> None:
        while not self._over.wait(SILENCE / 10):
            with self._lock:
                now = time.monotonic()
                # The longer it takes, the longer the pauses: a log is to be read.
                if now - self._told >= max(SILENCE, (now - self._began) / 10):
                    self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        known = {"what": self._what, "left": self._time_left()}
        if self._of:
            form = "{done:,} of {of:,} {what}{left}"
            text = told("progress_of", form, done=self._done, of=self._of, **known)
        elif self._done:
            text = told("progress", "{done:,} {what}{left}", done=self._done, **known)
        else:
            text = told("progress_only", "{what}{left}", **known)
        sys.stderr.write(f"{asked_words().told(text)}\n")

    def _time_left(self) -> str:
        """As the work went until something was last done."""
        taken = self._told - self._began
        if taken < SILENCE or self._done == self._of > 0:
            return ""
        if not (self._done and self._of):
            return told("so_far", ", {seconds:.0f} s so far", seconds=taken)
        left = (self._moved - self._began) * self._of / self._done - taken
        if left < 1:
            return told("moment_left", ", a moment left")
        return told("time_left", ", about {seconds:.0f} s left", seconds=left)
