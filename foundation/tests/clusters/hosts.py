"""Hosts on one machine, which can be cut from each other: network namespaces on a bridge.

They need Linux, the rights of root, and the program `ip` (Debian's package iproute2).
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

NETWORK = "10.213.97"
FIRST = 10  # the machine itself has a lower number


class HostsUnavailable(Exception):
    """This machine cannot have hosts; the message says why."""


@dataclass(frozen=True)
class Host:
    """A host with an address of its own.

    Attributes:
        name: of its network namespace.
        address: that everybody on this machine reaches.
    """

    name: str
    address: str

    def command(self, *command: str) -> list[str]:
        """Return the command that runs another one on this host."""
        return [_ip(), "netns", "exec", self.name, *command]

    def cut_from(self, others: Sequence["Host"]) -> None:
        """Drop what passes between this host and others; everybody else reaches all of them."""
        self._route("add", others)

    def reach(self, others: Sequence["Host"]) -> None:
        """Take back `cut_from`."""
        self._route("del", others)

    def _route(self, verb: str, others: Sequence["Host"]) -> None:
        for other in others:
            _run("-n", self.name, "route", verb, "blackhole", f"{other.address}/32")
            _run("-n", other.name, "route", verb, "blackhole", f"{self.address}/32")


class Hosts:
    """So many hosts, for as long as a `with` block lasts.

    Args:
        count: of hosts.

    Raises:
        HostsUnavailable: on entering, if this machine cannot have them.
    """

    def __init__(self, count: int) -> None:
        self._bridge = "carafe-hosts"
        self._hosts = [
            Host(f"carafe-{number}", f"{NETWORK}.{FIRST + number}") for number in range(count)
        ]

    def __enter__(self) -> list[Host]:
        if os.geteuid() != 0:
            raise HostsUnavailable("clusters need the rights of root, for hosts of their own")
        self._remove()  # what a killed run left
        try:
            self._create()
        except subprocess.CalledProcessError as error:
            self._remove()
            raise HostsUnavailable(f"hosts cannot be made here: {error.stderr.strip()}") from error
        return self._hosts

    def __exit__(
        self,
        _error_type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._remove()

    def _create(self) -> None:
        _run("link", "add", self._bridge, "type", "bridge")
        _run("address", "add", f"{NETWORK}.1/24", "dev", self._bridge)
        _run("link", "set", self._bridge, "up")
        for host in self._hosts:
            _run("netns", "add", host.name)
            peer = ("peer", "name", "eth0", "netns", host.name)
            _run("link", "add", host.name, "type", "veth", *peer)
            _run("link", "set", host.name, "master", self._bridge, "up")
            _run("-n", host.name, "address", "add", f"{host.address}/24", "dev", "eth0")
            for device in ("eth0", "lo"):
                _run("-n", host.name, "link", "set", device, "up")

    def _remove(self) -> None:
        for host in self._hosts:
            _run("netns", "delete", host.name, check=False)
            _run("link", "delete", host.name, check=False)  # a namespace ends with its processes
        _run("link", "delete", self._bridge, check=False)


def _run(*arguments: str, check: bool = True) -> None:
    subprocess.run([_ip(), *arguments], check=check, capture_output=True, text=True)


def _ip() -> str:
    program = shutil.which("ip", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if program is None:
        raise HostsUnavailable("clusters need the program ip: apt-get install iproute2")
    return program
