"""Elements of containers and of texts that are inserted: they are there, or they are not."""

import ast
import re

from . import edits, elements
from .insertion import Insertion


class Element(Insertion, frozen=True, kw_only=True):
    """An element of a named tuple, list, set or dict."""

    container: str

    @property
    def key(self) -> str:
        """The container and the element."""
        return f"{self.container} {self.text}"

    def is_in(self, code: str) -> bool:
        """Return whether the container has it."""
        return elements.has_element(code, self.container, self.text)

    def insert(self, code: str) -> str:
        """Return the code with it as the last element."""
        return elements.with_element(code, self.container, self.text)

    def remove(self, code: str, *, overwriting: bool = False) -> str:
        """Return the code without it."""
        del overwriting
        return (
            elements.without_element(code, self.container, self.text) if self.is_in(code) else code
        )


class ArgumentElement(Insertion, frozen=True, kw_only=True):
    """An element of a container that is an argument of a call."""

    call: str
    argument: str

    @property
    def key(self) -> str:
        """The call, the argument and the element."""
        return f"{self.call} {self.argument} {self.text}"

    def is_in(self, code: str) -> bool:
        """Return whether the container has it."""
        return elements.has_argument_element(code, self.call, self.argument, self.text)

    def insert(self, code: str) -> str:
        """Return the code with it as the last element."""
        return elements.with_argument_element(code, self.call, self.argument, self.text)

    def remove(self, code: str, *, overwriting: bool = False) -> str:
        """Return the code without it."""
        del overwriting
        return elements.without_argument_element(code, self.call, self.argument, self.text)


class Argument(Insertion, frozen=True, kw_only=True):
    """An argument of a call; `text` is its value."""

    call: str
    name: str

    @property
    def key(self) -> str:
        """The call and the argument."""
        return f"{self.call} {self.name}"

    def is_in(self, code: str) -> bool:
        """Return whether the call has it, whatever its value is."""
        return elements.has_argument(code, self.call, self.name)

    def insert(self, code: str) -> str:
        """Return the code with it as the last argument."""
        return elements.with_argument(code, self.call, self.name, self.text)

    def remove(self, code: str, *, overwriting: bool = False) -> str:
        """Return the code without it, unless people have given it another value."""
        del overwriting
        return elements.without_argument(code, self.call, self.name, self.text)


class Handlers(ArgumentElement, frozen=True, kw_only=True):
    """The construction of a class of handlers; `text` is its ports, as the service has them.

    Attributes:
        name: of the class.
        module: that it is imported from, in the function that constructs it.
    """

    name: str
    module: str

    @property
    def key(self) -> str:
        """The name of the class."""
        return self.name

    def is_in(self, code: str) -> bool:
        """Return whether it is constructed, perhaps with other ports by hand."""
        return elements.calls(code, self.name)

    def insert(self, code: str) -> str:
        """Return the code that imports and constructs it."""
        line = f"from {self.module} import {self.name}"
        code = edits.with_local_import(code, "handlers", line)
        service = edits.first_argument(code, "handlers")
        code = edits.without_deletion(code, "handlers", service)
        return elements.with_argument_element(
            code, self.call, self.argument, self._construction(service)
        )

    def merge(self, base: Insertion | None, code: str, *, overwriting: bool = False) -> str:
        """Return the code with the ports as they are now, unless people have given others."""
        if not isinstance(base, Handlers) or base.text == self.text:
            return code
        service = edits.first_argument(code, "handlers")
        present = elements.element_of_call(code, self.call, self.argument, self.name)
        if present != base._construction(service) and not overwriting:  # noqa: SLF001 - of the same class
            return code
        code = elements.without_argument_element(code, self.call, self.argument, present)
        return elements.with_argument_element(
            code, self.call, self.argument, self._construction(service)
        )

    def _construction(self, service: str) -> str:
        ports = ", ".join(f"{service}.{port}" for port in self.text.split(", "))
        return f"{self.name}({ports}).handlers()"

    def remove(self, code: str, *, overwriting: bool = False) -> str:
        """Return the code without it, whatever its ports are now."""
        del overwriting
        element = elements.element_of_call(code, self.call, self.argument, self.name)
        return elements.without_argument_element(code, self.call, self.argument, element)


class DescribedAttribute(Insertion, frozen=True, kw_only=True):
    """A line about an attribute in the docstring of a class."""

    owner: str

    @property
    def key(self) -> str:
        """The class and the attribute."""
        return f"{self.owner}: {self.text.partition(':')[0]}"

    def is_in(self, code: str) -> bool:
        """Return whether the attribute is described."""
        description = ast.get_docstring(edits.class_of(code, self.owner)) or ""
        name = re.escape(self.text.partition(":")[0])
        return re.search(rf"^ +{name}:", description, re.MULTILINE) is not None

    def insert(self, code: str) -> str:
        """Return the code with it at the end of the docstring."""
        return edits.with_described_attribute(code, self.owner, self.text)

    def remove(self, code: str, *, overwriting: bool = False) -> str:
        """Return the code without it, unless people have edited it."""
        del overwriting
        return re.sub(rf"^ +{re.escape(self.text)}\n", "", code, flags=re.MULTILINE)


class Variable(Insertion, frozen=True, kw_only=True):
    """A variable of the example environment, with a comment above it."""

    name: str

    @property
    def key(self) -> str:
        """The variable."""
        return self.name

    def is_in(self, code: str) -> bool:
        """Return whether it is there, commented out or not."""
        return re.search(rf"^(# )?{self.name}=", code, re.MULTILINE) is not None

    def insert(self, code: str) -> str:
        """Return the text with it at its end."""
        return f"{code.rstrip()}\n\n{self.text}\n"

    def remove(self, code: str, *, overwriting: bool = False) -> str:
        """Return the text without it, unless people have edited it."""
        del overwriting
        return code.replace(f"\n{self.text}\n", "")
