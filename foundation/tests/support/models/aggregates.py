"""Aggregates whose every status is reached, and the events of others that they react to."""

from typing import Any

from hypothesis import strategies as st

from carafe.development.discovery.names import camel, dashed, plural, snake

from . import words
from .behaviors import behaviors_of
from .parts import (
    SORTABLE,
    Data,
    attributes,
    class_names,
    descriptions,
    is_optional,
    subsets,
    without,
)
from .rules import behavior_rules, rules
from .timers import timers

OWNER = "whose_id"
LONG = 30
CALLED_BY = "called_by_id"
LISTS = ("list of text", "list of integer", "list of identifier", "list of boolean")
UNIQUE = ("text", "text(17)", "text(200)", "integer", "integer(7..1000)", "moment", "identifier")


DEFAULTS = {"boolean": True, "integer(7..1000)": "8", "text(17)": "a text"}


@st.composite
def aggregates(draw: st.DrawFn, name: str, declared: tuple[str, ...]) -> tuple[Data, Data]:
    """Draw an aggregate, after the enumeration of its statuses if it has them."""
    owner = draw(st.sampled_from((None, None, OWNER)))
    own = draw(attributes(declared, 1, 8)) | ({owner: "identifier"} if owner else {})
    if draw(st.integers(0, 3)) == 0:
        own[CALLED_BY] = draw(st.sampled_from(("identifier", "identifier?")))
    statuses = draw(subsets(words.STATUSES, 1))[:5] if draw(st.booleans()) else []
    behaviors, events = draw(behaviors_of(name, own, owner, statuses, declared))
    own_timers = draw(timers(name, own, behaviors))
    described = draw(_described(own))
    plain = {name: each for name, each in described.items() if isinstance(each, str)}
    for each in behaviors.values():
        others = [other for other in behaviors.values() if other is not each]
        if found := draw(behavior_rules(plain, each, others)):
            each["rules"] = found
    collection = f"{plural(snake(name))}_kept" if draw(st.integers(0, 4)) == 0 else None
    parts: Data = {
        "description": draw(descriptions()),
        "collection": collection,
        "owner": owner,
        "shared": None if owner else True,
        "attributes": described | ({"status": f"{name}Status"} if statuses else {}),
        "events": events,
        "timers": own_timers,
        "rules": draw(rules(own)),
        "behaviors": behaviors,
        "commands": draw(_commands(name, collection, behaviors)),
        "queries": draw(_queries(name, own, has_status=bool(statuses))),
    }
    reached = dict.fromkeys(each["becomes"] for each in behaviors.values() if "becomes" in each)
    parts["unique"] = draw(_combinations(own, list(reached)))
    if not statuses:
        return {}, without(parts)
    enumeration = {"description": draw(descriptions()), "values": list(reached)}
    return {f"{name}Status": enumeration}, without(parts)


@st.composite
def _described(draw: st.DrawFn, own: Data) -> Data:
    """Draw which attributes are unique or have a default, and say which one is the caller."""

    def described(name: str, kind: str) -> str | Data:
        if name == CALLED_BY:
            return {"type": kind, "from": "caller"}
        if kind in DEFAULTS and draw(st.integers(0, 3)) == 0:
            return {"type": kind, "default": DEFAULTS[kind]}
        is_unique = name != OWNER and kind in UNIQUE and draw(st.integers(0, 2)) == 0
        return {"type": kind, "unique": True} if is_unique else kind

    return {name: described(name, kind) for name, kind in own.items()}


@st.composite
def _combinations(draw: st.DrawFn, own: Data, statuses: list[str]) -> list[Data]:
    """Draw attributes that are unique together, perhaps only in some of the statuses."""
    many = [each for each, kind in own.items() if kind in UNIQUE]
    others = [each for each, kind in own.items() if kind in {*UNIQUE, "boolean", "integer(1..2)"}]
    if not many or draw(st.integers(0, 2)):
        return []
    first = draw(st.sampled_from(many))
    names = [first, *draw(subsets(each for each in others if each != first))[:2]]
    if len(names) == 1:
        return []
    chosen = draw(subsets(statuses))
    condition = draw(st.sampled_from((chosen, chosen[0]))) if chosen else None
    return [without({"attributes": names, "only_where": condition and {"status": condition}})]


@st.composite
def _commands(draw: st.DrawFn, name: str, collection: str | None, behaviors: Data) -> Data:
    """Draw commands with routes of every form."""
    path = dashed(collection or plural(snake(name)))
    commands = {}
    for verb, behavior in behaviors.items():
        if draw(st.integers(0, 4)) == 0:
            continue
        method = draw(st.sampled_from(("POST", "PUT", "DELETE")))
        own = f"POST /{path}" if "creates" in behavior else f"{method} /{path}/{{id}}"
        entries = {
            "behavior": verb,
            "route": draw(st.sampled_from((None, f"{own}/{dashed(verb)}-it"))),
            "scope": draw(st.sampled_from((None, *words.SCOPES))),
            "description": draw(st.none() | descriptions()),
        }
        commands[f"{camel(verb)}{name}"] = without(entries)
    return commands


@st.composite
def _queries(draw: st.DrawFn, name: str, own: Data, *, has_status: bool) -> Data:
    """Draw queries for one and for pages, with filters and an order."""
    kinds = {each: kind.rstrip("?").partition("(")[0] for each, kind in own.items()}
    filters = [each for each, kind in kinds.items() if kind in SORTABLE and kind != "moment"]
    filters += ["status"] if has_status else []
    sortable = [e for e, kind in kinds.items() if kind in SORTABLE and not is_optional(own[e])]
    has_one, has_page, has_more = draw(st.tuples(*[st.booleans()] * 3))
    queries: Data = {f"Get{name}": {"returns": "one"}} if has_one else {}
    if has_page:
        sign = draw(st.sampled_from(("", "-")))
        order = [f"{sign}{each}" for each in draw(subsets(sortable))]
        ranges = [{each: "range"} for each, kind in kinds.items() if kind in ("integer", "moment")]
        lists = [each for each, kind in kinds.items() if kind in LISTS]
        narrowed = [*draw(subsets(filters)), *draw(subsets(lists)), *ranges[:2]]
        page = {"returns": "page", "filters": narrowed, "order": order}
        queries[f"List{name}"] = without(page)
    if queries and has_more:
        place = f"/{draw(st.sampled_from(words.PATHS))}-of-{dashed(name)}"
        queries[f"Find{name}"] = {"returns": "page", "path": place, "scope": "desk"}
    return queries


@st.composite
def subscriptions(draw: st.DrawFn, drawn: Data, declared: tuple[str, ...]) -> Data:
    """Draw events of other services, with all that the behaviour takes."""
    changes = [
        (name, verb)
        for name, each in drawn.items()
        for verb, behavior in each["behaviors"].items()
        if not {"creates", "deletes"} & behavior.keys()
    ]
    found: Data = {}
    for number, (name, verb) in enumerate(draw(subsets(changes))[:3], 1):
        more = draw(attributes(declared, 0, 2))
        word = draw(class_names().map(snake))
        taken = taken_by(drawn[name], verb)
        mapped = {each: f"their_{each}" for each in draw(subsets(taken)) if len(each) < LONG}
        told = {mapped.get(each, each): kind for each, kind in taken.items()}
        entries = {
            "description": draw(descriptions()),
            "attributes": {**more, **told, "the_one": "identifier"},
            "behavior": f"{name}.{verb}",
            "identifier": "the_one",
            "takes": mapped,
        }
        found[f"post.{word}.came_{'abc'[number - 1]}.v{number}"] = without(entries)
    return found


@st.composite
def own_reactions(draw: st.DrawFn, context: str, drawn: Data) -> Data:
    """Draw an aggregate's reaction to an event of its own, which records another one."""
    pairs = [
        (name, event, verb)
        for name, each in drawn.items()
        for event in each["events"]
        for verb, behavior in each["behaviors"].items()
        if behavior["records"] != event and not {"creates", "deletes", "takes"} & behavior.keys()
    ]
    if not pairs or draw(st.booleans()):
        return {}
    name, event, verb = draw(st.sampled_from(pairs))
    word = snake(event).removeprefix(f"{snake(name)}_")
    reaction = {"behavior": f"{name}.{verb}", "identifier": f"{snake(name)}_id"}
    return {f"{context}.{snake(name)}.{word}.v1": reaction}


def taken_by(aggregate: Data, verb: str) -> Data:
    """Return the types of a behaviour's parameters by their names."""
    own: dict[str, Any] = aggregate["attributes"]
    taken: Data = {}
    for each in aggregate["behaviors"][verb].get("takes", []):
        if isinstance(each, dict):
            taken |= each
        else:
            kind = own[each] if isinstance(own[each], str) else own[each]["type"]
            taken[each] = kind.rstrip("?")
    return taken
