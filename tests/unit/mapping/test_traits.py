"""Names, phones, e-mails and domains reduced to what can be compared."""

from __future__ import annotations

import pytest

from integration.canonical.traits import core_words, email_key, own_domain, person_words, phone_tail


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("Acme Ltd", "acme"),
        ("ACME Limited", "acme"),
        ("The Acme Co., Inc.", "acme"),
        ("A.C.M.E.", "acme"),
        ("Müller & Söhne GmbH & Co. KG", "muller sohne"),
        ("Muller and Sohne", "muller sohne"),
        ("Weiß AG", "weiss"),
        ("Ørsted A/S", "orsted"),
        ("Škoda spol. s r.o.", "skoda"),
        ("Jack's Shop", "jacks shop"),
        ("Łódź Sp. z o.o.", "lodz"),
        ("Limited", "limited"),
        ("Company Ltd", "company ltd"),
        ("شركة النور", "شركة النور"),
        ("北京科技", "北京科技"),
        ("R&D Tools", "r d tools"),
        ("Store 12", "store 12"),
        ("Co-op", "co op"),
        ("", ""),
        ("&", "and"),
    ],
)
def test_core_words(name: str, core: str) -> None:
    assert " ".join(core_words(name)) == core


def test_marks_that_are_letters_stay() -> None:
    assert core_words("कंपनी") != core_words("कपन")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Doe, Jane", "jane doe"),
        ("Jane Doe", "jane doe"),
        ("Doe, Jane, Dr.", "doe jane dr"),
        ("Doe,", "doe"),
        ("José", "jose"),
    ],
)
def test_person_words(name: str, expected: str) -> None:
    assert " ".join(person_words(name)) == expected


@pytest.mark.parametrize(
    ("text", "tail"),
    [
        ("+44 (20) 7946-0018", "079460018"),
        ("0044 20 7946 0018", "079460018"),
        ("12345", ""),
        ("٠٢٠٧٩٤٦٠٠١٨", "079460018"),
        ("", ""),
    ],
)
def test_phone_tail(text: str, tail: str) -> None:
    assert phone_tail(text) == tail


@pytest.mark.parametrize(
    ("text", "key"), [(" Jo@X.de ", "jo@x.de"), ("jo", ""), ("@x.de", ""), ("a@b@c.de", ""), ("a@b", "")]
)
def test_email_key(text: str, key: str) -> None:
    assert email_key(text) == key


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.Acme.example/shop?x=1", "acme.example"),
        ("acme.example", "acme.example"),
        ("jo@acme.example", "acme.example"),
        ("jo@gmail.com", ""),
        ("http://user@acme.example:8080", "acme.example"),
        ("localhost", ""),
        ("", ""),
        ("not a site", ""),
        ("acme.example.", "acme.example"),
    ],
)
def test_own_domain(text: str, domain: str) -> None:
    assert own_domain(text) == domain
