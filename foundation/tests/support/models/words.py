"""Words that a business may use, and that code likes to stumble over."""

ORDINARY = ("Loan", "Member", "Book", "Visit", "Room", "Letter", "Garden", "Entry", "Desk", "Fee")

IRREGULAR = ("Person", "Series", "Equipment", "Key", "Shelf", "Box", "Index", "Leaf", "Knife")
"""Nouns whose plurals are no noun with an s, or the noun itself."""

CODE = (
    *("Answer", "Api", "Body", "Bus", "Calendar", "Changed", "Class", "Client", "Code", "Data"),
    *("Doc", "Event", "First", "Global", "Http", "Import", "Inbox", "Item", "Json", "Lambda"),
    *("List", "Msgspec", "Noon", "Page", "Part", "Pytest", "Queue", "Received", "Refusal"),
    *("Result", "Secret", "Server", "State", "Status", "Step", "Stored", "Test", "Time", "Token"),
    *("Type", "Typing", "Url", "Version", "VATRate", "X", "Field", "Path", "Decimal"),
)
"""Nouns that are names of Python, of its library, of tests, or of generated code as well."""

NOUNS = (*ORDINARY, *IRREGULAR, *CODE)

ATTRIBUTES = (
    *("name", "title", "number", "due_at", "member_id", "note", "amount", "count_2", "line2"),
    *("answer", "api", "args", "body", "caller", "collection", "cls", "copy", "criteria", "cursor"),
    *("data", "date", "datetime", "each", "event", "field", "fields", "first", "http", "is_new"),
    *("items", "json", "key", "kind", "limit", "module", "money", "name_of_the_one_who_brought_it"),
    *("noon", "page", "password", "pytest", "record_of", "result", "schema", "scope", "secret"),
    *("self", "state", "status_note", "test", "time", "token", "url", "value", "values", "x"),
)
PARAMETERS = ("reason", "remark", "told_by", "handed_to", "weight", "each", "token", "key", "when")

VERBS = (
    *("move", "rename", "pause", "resume", "extend", "give_back", "lose", "find", "close", "copy"),
    *("archive", "update", "test", "replace", "sort", "load", "save", "add", "remove", "clear"),
    *("require_status", "make", "wire", "read", "write", "send", "count_again", "delete", "tell"),
)
BEGINNINGS = ("open_up", "begin", "create", "new", "acquire", "enter", "make_new", "start")

PARTICIPLES = ("Done", "Changed", "Told", "Made", "Event")

TIMES = ("Due", "Over", "Timer", "Later", "Clock")

DELAYS = ("1 second", "90 minutes", "2 weeks 1 day 3 hours", "36525 days")

DUES = (
    *DELAYS,
    *(
        {"cron": "30 2 * * *", "zone": "Europe/Berlin"},
        {"cron": "*/5 * * * MON-FRI", "zone": "UTC"},
    ),
)

STEPS = ("letter", "return", "first", "none", "begin", "undo", "steps", "deadline", "step_of_it")

STATUSES = (
    *("open", "closed", "active", "lost", "secret", "in_use", "name", "value", "none", "password"),
    *("lent", "self", "test", "overdue", "mro", "true", "null", "no", "token", "x"),
)

SCOPES = ("lending:write", "lending:read", "operations", "token:write", "secret", "desk")

PATHS = ("things", "the-things", "a", "docs-of-mine", "lists", "x2")

DESCRIPTIONS = (
    *("Something", "What it is", "it has no capital.", "Is it one? Yes!", "- a leading hyphen"),
    *(
        "100% of it: {braces} and #hashes",
        "{{ name }} {% if x %} {# a note #}",
        "it's `code`, it's",
    ),
    *(
        "A list of [links](to), *stars*, <b>tags</b> & more",
        "Ends with a colon:",
        "%s %d {0} $x ${x}",
    ),
    *("Größe, naïveté: 日本語, Ελληνικά", "'''"),
    "The “typographic” reader’s choice – or not…",  # noqa: RUF001 - as authors write
    *("   ", "...", "TODO", "# a comment", "@decorated", "Returns:", "f(x)", "noqa: E501 | yes"),
    *(
        "true",
        "null",
        "12.5",
        "~ ~",
        "= =",
        "!important",
        "* one",
        "Raises: nothing (for once).",
        "é x",
    ),
    "A sentence with so many words in it that it takes all of the eighty characters.",
)
PUNCTUATION = "'`{}%:#-–—’“”…&<>/?!.,;()[]*_@$^~|=+0ß é"  # noqa: RUF001 - the same
"""What descriptions drawn letter by letter are made of, beside letters."""
