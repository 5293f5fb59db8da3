"""The step from an aggregate's released form to its present one, and a test of it."""

import textwrap
from collections.abc import Iterator

from carafe.development.contracts.snapshot import read
from carafe.development.discovery.names import snake
from carafe.development.discovery.suggestions import did_you_mean
from carafe.development.project import Project
from carafe.development.stored_forms.commands import RELEASED, present_forms
from carafe.development.stored_forms.comparison import Described, changes_between
from carafe.infrastructure.database.mongo.steps import fault_of_upcasters
from carafe.infrastructure.references import resolve

from .definition_insertions import Definition, Member
from .element_insertions import Element
from .no_step import NoStep
from .stored_values import IMPORTS, document_of, value_of
from .tree import Tree

STEP_IMPORTS = (
    "from collections.abc import Mapping",
    "from typing import ClassVar",
    "from carafe.infrastructure.database.codec import Document",
    "from carafe.infrastructure.database.mongo.documents import Upcaster",
)

STEP = '''def {function}(state: Document) -> Document:
    """Bring a document of version {old} to version {new}."""
{statements}
    return state'''

TEST = '''"""Documents of version {old} are read, and saved in the present version."""

{imports}

from carafe.infrastructure.container import Container
from carafe.infrastructure.database.codec import Document
from carafe.infrastructure.database.mongo.migration import outdated
from carafe.testing.contexts import a_context

from {module} import {name}
from chalicelib.infrastructure.settings import Settings

DOCUMENT: Document = {document}


def test_a_document_of_version_{old}_is_read_and_saved(service: Container[Settings]) -> None:
    repository = service.repository({name})
    repository.collection.insert_one(dict(DOCUMENT))
    assert outdated(repository) == 1
    repository.save(repository.get(DOCUMENT["_id"]), a_context())
    assert outdated(repository) == 0
'''


def add_upcaster(tree: Tree, project: Project, name: str | None) -> None:
    """Add the step, its entry in the repository's `upcasters`, and a test on a real database.

    Args:
        tree: of the service.
        project: the service.
        name: of the aggregate's class.

    Raises:
        NoStep: the aggregate is unknown or not released, its version is not the next one, or the
            step is there.
        NoPlace: the repository's module has no place for it.
    """
    aggregates = {each.__name__: each for each in project.service.repositories}
    if name not in aggregates:
        known, near = ", ".join(sorted(aggregates)), did_you_mean(name or "", aggregates)
        raise NoStep(f"there is no aggregate {name}; there are: {known}{near}")
    aggregate = aggregates[name]
    released, present = _forms(project, name)
    version = released["version"]
    reference = project.service.repositories[aggregate]
    if fault_of_upcasters(aggregate, resolve(reference).upcasters) is None:
        raise NoStep(f"the repository of {name} has an upcaster from {version} already")
    _add_step(tree, reference, released, present)
    text = TEST.format(
        old=version,
        imports="\n".join(IMPORTS),
        module=aggregate.__module__,
        name=name,
        document=document_of(released),
    )
    tree.add(f"tests/infrastructure/test_{snake(name)}_version_{version}.py", text)


def _forms(project: Project, name: str) -> tuple[Described, Described]:
    """Return the released and the present form of an aggregate.

    Raises:
        NoStep: it is not released, or its version is not the next one.
    """
    forms = present_forms(project)
    collection = next(each for each in forms if forms[each]["aggregate"] == name)
    released = (read(project.root / RELEASED) or {}).get(collection)
    if released is None:
        raise NoStep(f"{name} is not released yet, so that no document needs a step")
    following = released["version"] + 1
    if forms[collection]["version"] != following:
        raise NoStep(
            f"version {following - 1} of {name} is released: set version={following} first"
        )
    return released, forms[collection]


def _add_step(tree: Tree, reference: str, released: Described, present: Described) -> None:
    module, _, owner = reference.partition(":")
    path = f"{module.replace('.', '/')}.py"
    version = released["version"]
    function = f"from_version_{version}"
    statements = "\n".join(_statements(released, present))
    step = STEP.format(
        function=function,
        old=version,
        new=version + 1,
        statements=textwrap.indent(statements, "    "),
    )
    entry = f"{version}: {function}"
    for line in (*STEP_IMPORTS, *IMPORTS):
        tree.add_import(path, line)
    tree.extend(path, Definition(step, before_classes=True))
    if version == 1:
        member = f"upcasters: ClassVar[Mapping[int, Upcaster]] = {{{entry}}}"
        tree.extend(path, Member(member, owner=owner))
    else:
        tree.extend(path, Element(entry, container="upcasters"))


def _statements(released: Described, present: Described) -> Iterator[str]:
    """Yield a statement, or a comment, for each difference that old documents cannot bear."""
    name, old, new = present["aggregate"], released["attributes"], present["attributes"]
    same_version = {**present, "version": released["version"]}
    changes = [
        each for each in changes_between({"": released}, {"": same_version}) if each.is_breaking
    ]
    names = _other_names(old, new)
    for change in changes:
        path = change.place.removeprefix(f"{name}.")
        if path in names:
            default = ", None" if "default" in old[path] else ""
            yield f"state[{names[path]!r}] = state.pop({path!r}{default})  # TODO: the same one?"
        elif path in names.values():
            continue
        elif path in new and path not in old:
            yield f"state[{path!r}] = {value_of(new[path])}  # TODO: what did older code mean?"
        elif path in old and path not in new:
            yield f"state.pop({path!r}, None)  # TODO: does another attribute keep it?"
        else:
            yield f"# TODO: {change.place} {change.sentence.partition(':')[0]}"
    if not changes:
        yield "# TODO: the attributes are the same: what do their values mean now?"


def _other_names(old: Described, new: Described) -> dict[str, str]:
    """Return the new names that attributes may have got: new attributes of the same form."""
    additions = [each for each in new if each not in old]
    names: dict[str, str] = {}
    for name in (each for each in old if each not in new):
        successor = next((each for each in additions if new[each] == old[name]), None)
        if successor is not None:
            names[name] = successor
            additions.remove(successor)
    return names
