"""Whether two records that never met are the same customer, or the same person of a customer.

Only strong evidence joins by itself, and only when nobody else comes near. What is merely plausible is shown
to a person: a customer created twice can be merged, two customers joined by mistake overwrite each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio

from integration.canonical import traits
from integration.canonical.values import Value

Record = Mapping[str, Value]

NAME_CLOSE = 0.85
"""From here on two names are the same but for typing; below only for whom other evidence speaks."""
PLAUSIBLE = 0.5
"""From this score on a candidate is worth a person's look."""
NEAR = 0.2
"""A candidate that is this close to the best one stands in its way."""

_WEIGHTS: Mapping[str, float] = {
    "e-mail": 0.4,
    "phone": 0.3,
    "domain": 0.25,
    "street": 0.15,
    "zip": 0.15,
    "city": 0.1,
}
_NAME_WEIGHT = 0.5
_CONTRADICTION = 0.25
_IDENTIFIERS = ("e-mail", "phone", "domain")
_SHORT_WORD = 3
_LEAST_CORE = 3


@dataclass(frozen=True)
class Likeness:
    """How alike two records are: `score` from 0 to about 2, reasons and contradictions in words without
    values.
    """

    score: float
    reasons: tuple[str, ...]
    strong: bool
    contradictions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """one: join with `id`; ambiguous: a person chooses among `ids`, best first; none: it is new."""

    kind: Literal["one", "ambiguous", "none"]
    id: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Traits:
    words: tuple[str, ...]
    facts: Mapping[str, frozenset[str]]
    individual: bool = True

    def shares(self, other: _Traits, fact: str) -> bool:
        return bool(self.facts[fact] & other.facts[fact])

    def differs(self, other: _Traits, fact: str) -> bool:
        return bool(self.facts[fact]) and bool(other.facts[fact]) and not self.shares(other, fact)


def judge(left: Record, right: Record, kind_left: str, kind_right: str) -> Likeness:
    """Compare two customers.

    Facts of their persons may be given along as `persons.<n>.email`; a field counts by the last word of its
    name.
    """
    a, b = _traits(left, kind_left), _traits(right, kind_right)
    likeness = name_likeness(a.words, b.words)
    shared = [fact for fact in _WEIGHTS if a.shares(b, fact)]
    against = _contradictions(a, b)
    if kind_left != kind_right:
        against.append("a business and an individual")
    strong = not against and _is_strong(a, likeness, shared)
    score = _NAME_WEIGHT * likeness + sum(_WEIGHTS[fact] for fact in shared) - _CONTRADICTION * len(against)
    # Zoho has no room for a second company of the name, and a mailbox has one reader: a person looks at both
    # cases, whatever else speaks against them.
    if "e-mail" in shared or (likeness >= 1.0 and kind_left == kind_right == "business"):
        score = max(score, PLAUSIBLE)
    elif likeness < NAME_CLOSE and not _worth_a_look(a, b, shared):
        score = min(score, PLAUSIBLE - 0.01)
    reasons = ([_name_reason(likeness)] if likeness >= NAME_CLOSE else []) + [
        f"same {fact}" for fact in shared
    ]
    return Likeness(round(score, 3), tuple(reasons), strong, tuple(against))


def judge_person(left: Record, right: Record) -> Likeness:
    """Compare two persons of one and the same customer: the same full name, or the same e-mail under no
    other name.
    """
    a, b = _person(left), _person(right)
    likeness = name_likeness(a.words, b.words)
    email, phone = a.shares(b, "e-mail"), a.shares(b, "phone")
    named = bool(a.words) and bool(b.words)
    exact = named and likeness >= 1.0
    strong = exact or (email and (not named or likeness >= NAME_CLOSE or _initials(a.words, b.words)))
    score = 0.6 * likeness + 0.5 * email + 0.2 * phone
    if not (strong or email or likeness >= NAME_CLOSE):
        score = min(score, PLAUSIBLE - 0.01)
    against = ("one e-mail address under two names",) if email and not strong else ()
    shared = [text for text, holds in (("same e-mail", email), ("same phone", phone)) if holds]
    reasons = ([_name_reason(likeness)] if likeness >= NAME_CLOSE else []) + shared
    return Likeness(round(score, 3), tuple(reasons), strong, against)


def choose(candidates: Sequence[tuple[str, Likeness]]) -> Verdict:
    """Decide among all candidates for one record."""
    ranked = sorted(candidates, key=lambda c: (c[1].strong, c[1].score), reverse=True)
    strong = [(name, likeness) for name, likeness in ranked if likeness.strong]
    plausible = [name for name, likeness in ranked if likeness.strong or likeness.score >= PLAUSIBLE]
    if not plausible:
        return Verdict("none")
    if len(strong) == 1:
        name, best = strong[0]
        rivals = [
            o for o, likeness in ranked if o != name and likeness.score > max(best.score - NEAR, PLAUSIBLE)
        ]
        if not rivals:
            return Verdict("one", name, (name,))
    return Verdict("ambiguous", ids=tuple(plausible))


def name_likeness(left: Sequence[str], right: Sequence[str]) -> float:
    """1 for the same words, at least NAME_CLOSE when every word has its partner but for a slip of typing,
    else less.

    Numbers never slip: `Store 12` and `Store 13` are two stores.
    """
    if not left or not right:
        return 0.0
    if list(left) == list(right) or "".join(left) == "".join(right):
        return 1.0
    loose = ratio(" ".join(left), " ".join(right)) / 100
    if sorted(left) == sorted(right):
        return 0.95
    other_spaces = len(left) != len(right) and _slip("".join(left), "".join(right))
    if _paired(left, right) or other_spaces:
        return max(NAME_CLOSE, min(loose, 0.99))
    return min(loose, NAME_CLOSE - 0.05)


def _paired(left: Sequence[str], right: Sequence[str]) -> bool:
    if len(left) != len(right):
        return False
    rest = list(right)
    for word in left:
        partner = next((other for other in rest if other == word), None)
        partner = partner or next((other for other in rest if _slip(word, other)), None)
        if partner is None:
            return False
        rest.remove(partner)
    return True


def _slip(a: str, b: str) -> bool:
    """One letter wrong, missing, doubled or swapped; in short words only swapped, and none where digits
    stand.
    """
    if [c for c in a if c.isdigit()] != [c for c in b if c.isdigit()]:
        return False
    if min(len(a), len(b)) <= _SHORT_WORD and sorted(a) != sorted(b):
        return False
    return OSA.distance(a, b, score_cutoff=1) <= 1


def _initials(left: Sequence[str], right: Sequence[str]) -> bool:
    """The same last name, and one first name begins the other (`J. Doe`, `Jane Doe`) or is not told."""
    if left[-1] != right[-1]:
        return False
    return len(left) == 1 or len(right) == 1 or left[0].startswith(right[0]) or right[0].startswith(left[0])


def _is_strong(a: _Traits, likeness: float, shared: Sequence[str]) -> bool:
    if likeness < NAME_CLOSE:
        return False
    if any(fact in shared for fact in _IDENTIFIERS):
        return True
    if "street" in shared and ("zip" in shared or "city" in shared):
        return True
    exact = likeness >= 1.0 and len("".join(a.words)) >= _LEAST_CORE
    # A city holds many people of one name, but hardly two companies of one.
    return exact and ("zip" in shared or ("city" in shared and not a.individual))


def _worth_a_look(a: _Traits, b: _Traits, shared: Sequence[str]) -> bool:
    """One name within the other, and a phone or domain in common: `Acme` and `Acme Trading`."""
    within = (
        bool(a.words) and bool(b.words) and (set(a.words) <= set(b.words) or set(b.words) <= set(a.words))
    )
    return within and any(fact in shared for fact in ("phone", "domain"))


def _contradictions(a: _Traits, b: _Traits) -> list[str]:
    """Two facts that differ speak against; one alone may have moved. Persons of one company differ in their
    e-mail.
    """
    if a.shares(b, "e-mail") or a.shares(b, "phone"):
        return []
    known_domains = bool(a.facts["domain"]) and bool(b.facts["domain"])
    other = [fact for fact in ("domain" if known_domains else "e-mail", "phone") if a.differs(b, fact)]
    place = next((fact for fact in ("city", "zip") if a.facts[fact] and b.facts[fact]), "")
    if place and a.differs(b, place):
        other.append(place)
    return [f"another {fact}" for fact in other] if len(other) > 1 else []


def _name_reason(likeness: float) -> str:
    return "same name" if likeness >= 1.0 else "nearly the same name"


def _traits(fields: Record, kind: str) -> _Traits:
    individual = kind == "individual"
    words = _spoken(fields, "primary_person.") if individual else ()
    if not words:
        name = str(fields.get("name") or "")
        words = tuple(traits.person_words(name) if individual else traits.core_words(name))
    facts = _common_facts(fields)
    facts["domain"] = (
        frozenset() if individual else _set(traits.own_domain, _texts(fields, "website", "email"))
    )
    facts["city"] = _set(_flat, _texts(fields, "city"))
    facts["zip"] = _set(_flat, _texts(fields, "zip"))
    facts["street"] = _set(_flat, _texts(fields, "street"))
    return _Traits(words, facts, individual)


def _person(fields: Record) -> _Traits:
    return _Traits(_spoken(fields, ""), _common_facts(fields))


def _spoken(fields: Record, prefix: str) -> tuple[str, ...]:
    parts = (fields.get(f"{prefix}first_name"), fields.get(f"{prefix}last_name"))
    return tuple(traits.words(" ".join(str(part) for part in parts if part)))


def _common_facts(fields: Record) -> dict[str, frozenset[str]]:
    return {
        "e-mail": _set(traits.email_key, _texts(fields, "email")),
        "phone": _set(traits.phone_tail, _texts(fields, "phone", "mobile")),
    }


def _texts(fields: Record, *endings: str) -> list[str]:
    return [v for name, v in fields.items() if isinstance(v, str) and name.rpartition(".")[2] in endings]


def _set(key: Callable[[str], str], found: list[str]) -> frozenset[str]:
    return frozenset(text for text in map(key, found) if text)


def _flat(text: str) -> str:
    return "".join(traits.words(text))
