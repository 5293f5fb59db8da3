"""Rules of aggregates, and of their behaviours, which some example keeps."""

from hypothesis import strategies as st

from .parts import Data, descriptions, subsets

WIDE = ("integer", "integer(7..1000)")
FEW = ("text(17)", "text(200)", "text")


@st.composite
def rules(draw: st.DrawFn, own: Data) -> Data:
    """Draw rules about moments and dates in the order of their declaration, and about lists."""
    rules: Data = {}
    for kind in ("moment", "date"):
        names = [each for each in own if own[each].rstrip("?") == kind]
        if len(names) > 1 and draw(st.booleans()):
            first, last = names[0], names[-1]
            operator = draw(st.sampled_from(("<=", "!=", "<")))
            rule = {"that": f"{first} {operator} {last}", "otherwise": draw(descriptions())}
            rules[f"In{kind.capitalize()}sOrder"] = rule
    lists = [each for each in own if own[each].startswith("list of ")]
    few = [f"len({name}) <= {draw(st.integers(3, 99))}" for name in draw(subsets(lists))[:2]]
    said = [few] if len(few) > 1 and draw(st.booleans()) else few
    for number, each in enumerate(said):
        rules[f"FewOf{'AB'[number]}"] = {"that": each, "otherwise": "It is few."}
    return rules


@st.composite
def behavior_rules(draw: st.DrawFn, plain: Data, behavior: Data, others: list[Data]) -> Data:
    """Draw what must hold before a behaviour: of the present, of what it takes, and of before.

    Args:
        draw: of Hypothesis.
        plain: attributes that are not unique and have no default, with their types.
        behavior: before which it must hold.
        others: the aggregate's other behaviours.
    """
    names = [each for each in behavior.get("takes", ()) if isinstance(each, str) and each in plain]
    possible = [each for name in names for each in _rules_of(name, plain, behavior, others)]
    chosen = draw(subsets(possible))[:2] if draw(st.booleans()) else []
    said = [chosen] if len(chosen) > 1 and draw(st.booleans()) else chosen
    return {
        f"Holds{behavior['records']}{'AB'[number]}": {"that": each, "otherwise": "It is refused."}
        for number, each in enumerate(said)
    }


def _rules_of(name: str, plain: Data, behavior: Data, others: list[Data]) -> list[str]:
    """Return rules about something that a behaviour takes, of which any one can be kept."""
    kind = plain[name].rstrip("?")
    if kind in {*WIDE, "moment"} and not behavior.get("creates"):
        steps = [e for e in others if not e.get("creates")] if behavior.get("when") else []
        is_changed_before = any(name in each.get("takes", ()) for each in steps)
        # Two changes of a test take the same value, and so may the steps to a status.
        operator = ">=" if is_changed_before else ">" if kind == "moment" else "!="
        return [f"{name} {operator} before.{name}"]
    if kind == "moment":
        return [f"now < {name} + 2 hours"]
    if kind in FEW:
        return [f'{name} != "never"', f"len({name}) >= 1", f"len({name}) <= {len(name)}"]
    return [f"{name} == true"] if kind == "boolean" else []
