"""A small model with attributes that rules compare, for the tests of the language."""

from .loan_model import MODEL

ATTRIBUTES = """\
      lent_at: moment
      due_at: moment?
      day: date
      opens: time
      count: integer(1..9)
      most: integer(1..9)
      kind: State
      is_new: boolean
      titles: list of text(40)
      mark: Mark
      status: State
"""
MARK = """\
values:
  Mark: {description: Where it stands, attributes: {room: text(9), shelf: "integer(1..500)?"}}
aggregates:
"""
WIDE = (
    MODEL.replace("      status: State\n", ATTRIBUTES)
    .replace("aggregates:\n", MARK)
    .replace(
        "takes: [book_id]",
        "takes: [book_id, lent_at, due_at, day, opens, count, most, kind, is_new, titles, mark]",
    )
)


def with_rule(that: str, name: str = "ItIsSo") -> str:
    """Return the model with a rule of its aggregate."""
    rule = f"    rules:\n      {name}: {{that: '{that}', otherwise: It is so.}}\n"
    return WIDE.replace("    events:\n", f"{rule}    events:\n")


def before_close(that: str, takes: str = "[]") -> str:
    """Return the model with a rule of the behaviour that closes a loan."""
    rule = f"{{ItIsSo: {{that: '{that}', otherwise: It is so.}}}}"
    return WIDE.replace("{description: End,", f"{{description: End, takes: {takes}, rules: {rule},")
