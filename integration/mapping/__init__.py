"""Rules that carry records between the two systems: pure, compiled once from YAML.

native image -> `Role.read` -> canonical fields -> `CompiledMapping.to_native` -> native patch
"""

from integration.mapping.compile import compile_mapping
from integration.mapping.documents import Document, default_documents, load_documents, parse_documents
from integration.mapping.export import export_mapping
from integration.mapping.lookups import Lookups, NoLookups
from integration.mapping.mapping import CompiledMapping, Role
from integration.mapping.mistakes import MappingFault, Mistake
from integration.mapping.rules import FieldProblem, NativePatch, Reading, SkippedRule

__all__ = [
    "CompiledMapping",
    "Document",
    "FieldProblem",
    "Lookups",
    "MappingFault",
    "Mistake",
    "NativePatch",
    "NoLookups",
    "Reading",
    "Role",
    "SkippedRule",
    "compile_mapping",
    "default_documents",
    "export_mapping",
    "load_documents",
    "parse_documents",
]
