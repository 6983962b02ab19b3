"""`mapping`: check, apply, show and export the rules that carry records between the two systems."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from rich.console import RenderableType

from integration.canonical.outcome import WorkClass
from integration.canonical.values import Side
from integration.cli.opening import author_option, choose_pair, open_pair, pair_option, read_settings
from integration.cli.output import emit, moment, table
from integration.cli.program import Program, Start, json_option, main
from integration.errors import Retryable
from integration.mapping import (
    CompiledMapping,
    Document,
    compile_mapping,
    export_mapping,
    load_documents,
)
from integration.ports.services import Services
from integration.settings import PolicySettings

FILES = click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))


@main.group(cls=Program)
def mapping() -> None:
    """The rules that carry records between the two systems."""


@mapping.command("check")
@FILES
@click.option("--offline", is_flag=True, help="Do not ask the organisations which fields they have.")
@pair_option
@json_option
@click.pass_obj
def check(start: Start, files: tuple[Path, ...], offline: bool, pair_name: str, as_json: bool) -> None:
    """Compile FILES (YAML files or folders) over the shipped rules and tell every mistake.

    Without FILES: the files of `mapping_dir`.
    """
    opened = None if offline else open_pair(start, pair_name)
    policies = opened.pair.policies if opened else _policies(start, pair_name)
    compiled = compiled_from(opened.services if opened else None, policies, files)
    _tell(compiled, as_json, "The mapping is good.")


@mapping.command("apply")
@FILES
@author_option
@pair_option
@json_option
@click.pass_obj
def apply(start: Start, files: tuple[Path, ...], author: str, pair_name: str, as_json: bool) -> None:
    """Make FILES, laid over the shipped rules, the live mapping; every record is looked at again."""
    if not files:
        raise click.UsageError("Name the YAML files or folders to apply.")
    opened = open_pair(start, pair_name)
    services = opened.services
    compiled = compiled_from(services, opened.pair.policies, files)
    text = "\n---\n".join(document.text.strip("\n") for document in load_documents(yaml_files(files)))
    with services.stores.begin(services.pair_id, "mapping.apply") as uow:
        number = uow.pairs.add_mapping(text + "\n", author)
        uow.lanes.wake(uow.lanes.all_ids(), WorkClass.BATCH)
    services.bell.ring("events", services.pair_id)
    _tell(compiled, as_json, f"Version {number} is live; workers notice it within seconds.", number)


@mapping.command("export")
@click.option("--version", type=click.IntRange(1), help="Another version than the live one.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@pair_option
@json_option
@click.pass_obj
def export(start: Start, version: int | None, output: Path | None, pair_name: str, as_json: bool) -> None:
    """The whole mapping as one YAML text, which `mapping apply` takes back."""
    services = open_pair(start, pair_name).services
    compiled = stored(services, version)
    text = export_mapping(compiled)
    if output is not None:
        output.write_text(text, encoding="utf-8")
        told = {"version": compiled.version, "file": str(output)}
        emit(as_json, told, f"Version {compiled.version} is in {output}.")
    elif as_json:
        emit(as_json, {"version": compiled.version, "text": text})
    else:
        click.echo(text)


@mapping.command("show")
@pair_option
@json_option
@click.pass_obj
def show(start: Start, pair_name: str, as_json: bool) -> None:
    """The live rules, rules skipped for absent fields, and the history of versions."""
    services = open_pair(start, pair_name).services
    with services.stores.reading(services.pair_id) as uow:
        history = uow.reports.mappings()
    live = stored(services, None)
    versions = table(
        "Versions laid over the shipped rules", ("version", "author", "since"),
        [(v.number, v.author, moment(v.created_at)) for v in history],
    )  # fmt: skip
    document = {
        "version": live.version,
        "versions": [asdict(v) for v in history],
        "skipped": [asdict(rule) for rule in live.skipped],
        "rules": rule_rows(live),
    }
    columns = ("record", "role", "rule", "native", "", "canonical", "where")
    rules = table(f"Version {live.version}", columns, [tuple(row.values()) for row in rule_rows(live)])
    emit(as_json, document, rules, _skipped(live), versions)


def stored(services: Services, version: int | None) -> CompiledMapping:
    """A stored version, the live one by default; the systems are asked only where nothing is remembered."""
    with services.stores.reading(services.pair_id) as uow:
        number = version or uow.pairs.state().mapping_version
    try:
        return services.mappings.version(number)
    except Retryable:
        services.mappings.live()
        return services.mappings.version(number)


def rule_rows(compiled: CompiledMapping) -> list[dict[str, str]]:
    """Every rule in force, with the direction it carries values."""
    arrows = {(True, True): "<->", (True, False): "->", (False, True): "<-", (False, False): ""}
    return [
        {
            "record": f"{record.side.value}/{record.entity}",
            "role": role.name,
            "rule": rule.id,
            "native": ", ".join(rule.native),
            "direction": arrows[rule.reads, rule.writes],
            "canonical": ", ".join(rule.canonical),
            "where": rule.where,
        }
        for record in compiled.records
        for role in record.roles
        for rule in role.rules
    ]


def compiled_from(
    services: Services | None, policies: PolicySettings, paths: tuple[Path, ...]
) -> CompiledMapping:
    """The documents over the shipped ones, compiled against the organisations' fields where asked.

    Raises MappingFault with every mistake.
    """
    from integration.wiring.mappings import base_documents

    base = base_documents(policies)
    documents = [*base(1), *load_documents(yaml_files(paths))] if paths else base(0)
    draft = compile_mapping(documents, version=0, absent={})
    return draft if services is None else _against_organisations(services, documents, draft)


def yaml_files(paths: tuple[Path, ...]) -> list[Path]:
    """Files as they are, folders as their YAML files in order of name."""
    found: list[Path] = []
    for path in paths:
        inside = (
            sorted(p for p in path.iterdir() if p.suffix in (".yaml", ".yml")) if path.is_dir() else [path]
        )
        found.extend(inside)
    return found


def _policies(start: Start, pair_name: str) -> PolicySettings:
    """The policies of the pair, or the defaults where no pair is set up yet."""
    settings = read_settings(start, need_pairs=False)
    return choose_pair(settings, pair_name).policies if settings.pairs else PolicySettings()


def _against_organisations(
    services: Services, documents: list[Document], draft: CompiledMapping
) -> CompiledMapping:
    absent = {
        entity: services.gateways[side].absent_fields(entity, draft.native_fields(side, entity))
        for side in Side
        for entity in draft.native_entities(side)
    }
    return compile_mapping(documents, version=0, absent=absent)


def _tell(compiled: CompiledMapping, as_json: bool, text: str, number: int = 0) -> None:
    skipped = [asdict(rule) for rule in compiled.skipped]
    emit(as_json, {"version": number, "skipped": skipped, "mistakes": []}, text, _skipped(compiled))


def _skipped(compiled: CompiledMapping) -> RenderableType:
    rows = [(rule.where, rule.record, rule.rule, rule.field) for rule in compiled.skipped]
    if not rows:
        return "No rule is skipped."
    return table("Shipped rules skipped for absent fields", ("where", "record", "rule", "absent field"), rows)
