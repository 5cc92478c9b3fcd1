"""The glossary: the same on pages and in docs, each word in one plain sentence.

`python -m tests.pages.test_glossary` writes docs/glossary.md anew.
"""

import pytest

from sim.report.page.words import LANGUAGES, catalogue
from sim.report.pages.about import DEFINED, glossary, glossary_section
from tests import ROOT

PAGE = ROOT / "docs" / "glossary.md"
HEAD = """\
# Glossary · Ordliste

Each word in one plain sentence, as the pages have it in their section of this name.
Made from the words of the pages; a test keeps both alike.
"""
TITLES = {"en": "In English", "da": "På dansk"}


def text():
    """The page, made from the catalogue."""
    parts = [HEAD]
    for lang in LANGUAGES:
        words = catalogue(lang)
        defined = [(words[f"define.{one}"], words[f"define.{one}_is"]) for one in DEFINED]
        parts.append(f"\n## {TITLES[lang]}\n\n")
        parts += [f"* **{word}**: {meaning}\n" for word, meaning in glossary(words)]
        parts.append(f"\n### {words['method.title']}\n\n")
        parts += [f"* **{word}**: {meaning}\n" for word, meaning in defined]
    return "".join(parts)


def test_the_docs_have_what_the_pages_have():
    assert PAGE.read_text("utf-8") == text(), __doc__


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_word_has_one_short_sentence(lang):
    words = catalogue(lang)
    section = glossary_section(words)
    assert len(section.terms) > 25
    assert len({word for word, _ in section.terms}) == len(section.terms)
    for word, meaning in section.terms:
        assert len(meaning.split()) <= 20, word
        assert meaning.endswith(".")


def test_danish_words_stand_in_the_order_of_danish_letters():
    found = [word for word, _ in glossary(catalogue("da"))]
    assert found[-1] == "Årsværk"
    assert found.index("Vagtplan") < found.index("Årsværk")


if __name__ == "__main__":
    PAGE.write_text(text(), "utf-8")
