"""Reading YAML: what everything means, on which line it stands, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from integration.errors import ConfigurationFault
from integration.mapping.documents import default_documents, load_documents, parse_documents


def test_scalars_mean_their_text_unless_plainly_something_else() -> None:
    [document] = parse_documents(
        "record: x\na: true\nb: NO\nc: 12\nd: 1.50\ne: '12'\nf: null\ng: 2026-03-29\nh: 007\ni: on\n",
        "m.yaml",
    )
    assert document.tree == {
        "record": "x",
        "a": True,
        "b": "NO",
        "c": 12,
        "d": Decimal("1.50"),
        "e": "12",
        "f": None,
        "g": "2026-03-29",
        "h": "007",
        "i": "on",
    }


def test_every_key_knows_its_line() -> None:
    [document] = parse_documents("# comment\nrecord: x\nrules:\n  name:\n    field: Name\n", "m.yaml")
    assert document.where("rules", "name", "field") == "m.yaml:5"
    assert document.where("rules", "name", "not there") == "m.yaml:4"


def test_several_documents_in_one_file_keep_their_lines_also_when_parsed_again() -> None:
    text = "record: x\n---\n# another\nrecord: y\nrules:\n  a: {field: B}\n---\nrecord: z\n"
    first, second, third = parse_documents(text, "m.yaml")
    assert [d.tree["record"] for d in (first, second, third)] == ["x", "y", "z"]
    [again] = parse_documents(second.text, second.name)
    assert again.tree == second.tree
    assert again.lines == second.lines
    assert again.where("rules", "a") == "m.yaml:6"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("record: x\nrules: [\n", 3, "expected"),
        ("record: x\nrecord: y\n", 2, "`record` is written twice"),
        ("a: &anchor [1]\nb: *anchor\n", 1, "anchors are not used here"),
        ("record: x\nrun: !!python/object/apply:os.system [ls]\n", 2, "tags are not used here"),
        ("record: !secret x\n", 1, "tags are not used here"),
        ("- a\n- b\n", 1, "not a mapping"),
        ("record: x\n? [a, b]\n: c\n", 2, "a key must be a word"),
        ("a: " + "{a: " * 30 + "1" + "}" * 30, 1, "nested too deeply"),
        ("record: \x07\n", 0, "characters YAML forbids"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(ConfigurationFault) as caught:
        parse_documents(text, "m.yaml")
    assert says in caught.value.text
    assert caught.value.where == (f"m.yaml:{line}" if line else "m.yaml")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFault) as caught:
        load_documents([tmp_path / "pair.yaml"])
    assert caught.value.where == "pair.yaml"


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pair.yaml"
    path.write_bytes(b"record: \xff\xfe")
    with pytest.raises(ConfigurationFault):
        load_documents([path])


def test_the_shipped_mapping_is_found_as_package_data() -> None:
    names = [document.name for document in default_documents()]
    assert names == [
        "customer.yaml",
        "person.yaml",
        "salesforce_account.yaml",
        "salesforce_contact.yaml",
        "zoho_contact.yaml",
        "zoho_contact_person.yaml",
    ]
    assert all(document.is_default for document in default_documents())
