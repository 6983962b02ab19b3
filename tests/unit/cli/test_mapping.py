"""The mapping on the command line."""

from __future__ import annotations

from pathlib import Path

from tests.unit.cli.conftest import Shop

GOOD = "record: zoho_contact\nrules:\n  region: {canonical: custom.region, field: cf_region}\n"
BAD = "record: zoho_contact\nrules:\n  region: {canonical: custom.region, feild: cf_region}\n"


def test_check_tells_file_line_rule_and_advice(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    done = shop.run("mapping", "check", "--offline", str(tmp_path / "bad.yaml"))
    assert done.exit_code == 1
    for part in ("bad.yaml:3", "rule region", "feild", "Did you mean `field`?"):
        assert part in done.stderr


def test_check_of_good_files_and_of_none(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    assert shop.told("mapping", "check", "--offline", str(tmp_path / "good.yaml"))["mistakes"] == []
    assert shop.told("mapping", "check", "--offline")["mistakes"] == []


def test_apply_asks_the_organisations_first(shop: Shop, tmp_path: Path) -> None:
    """Without an answer of theirs nothing becomes live."""
    (tmp_path / "good.yaml").write_text(GOOD)
    done = shop.run("mapping", "apply", str(tmp_path / "good.yaml"))
    assert done.exit_code == 1
    assert "network." in done.stderr
    with shop.stores.reading(shop.pair_id) as uow:
        assert uow.reports.mappings() == []


def test_apply_of_nothing_is_wrong_usage(shop: Shop) -> None:
    assert shop.run("mapping", "apply").exit_code == 2
