"""A reference from one canonical record to another."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field


class Reference(BaseModel):
    """Names a canonical record: its entity and the key it has with us (not an id of either system)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entity: str = Field(pattern=r"^[a-z][a-z_]*$")
    key: str = Field(min_length=1)

    def __str__(self) -> str:
        return f"{self.entity}:{self.key}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The inverse of `str`. Raises ValueError on a text that is no reference."""
        entity, colon, key = text.partition(":")
        if not colon:
            raise ValueError("a reference is written entity:key")
        return cls(entity=entity, key=key)
