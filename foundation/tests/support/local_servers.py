"""What the servers of a stack do and hold."""

import contextlib
import socket
from pathlib import Path
from typing import Any

import pika
import pymongo

from carafe.development.servers.orphans import FOLDER_VARIABLE


def processes_of(folder: Path) -> list[Path]:
    """Return the living processes that carry a folder of a server below this one."""
    mark = f"{FOLDER_VARIABLE}={folder.resolve()}".encode()
    results = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes():
                results.append(process)
        except OSError:
            continue  # it ended, or belongs to somebody else
    return results


def listeners_of(processes: list[Path]) -> set[str]:
    """Return the addresses on which processes listen, as the kernel writes them."""
    sockets = {target for process in processes for target in open_files_of(process)}
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    rows += [row.split() for row in Path("/proc/net/tcp6").read_text().splitlines()[1:]]
    return {
        row[1].split(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets
    }


def listens(port: int) -> bool:
    """Return whether anybody listens on a port of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), 3).close()
    except OSError:
        return False
    return True


def open_files_of(process: Path) -> list[str]:
    """Return what a process has open; a file that it closes meanwhile is passed over."""
    results = []
    for link in (process / "fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            results.append(str(link.readlink()))
    return results


def documents(uri: str) -> list[Any]:
    """Return the ids of what `store` stored."""
    with pymongo.MongoClient[dict[str, Any]](uri) as client:
        return [each["_id"] for each in client.test.documents.find()]


def store(uri: str, document: str) -> None:
    """Store a document in MongoDB."""
    with pymongo.MongoClient[dict[str, Any]](uri) as client:
        client.test.documents.insert_one({"_id": document})


def publish(url: str, body: str) -> None:
    """Publish to a quorum queue of RabbitMQ, and wait for the confirm.

    What a confirm promises begins when the queue has been there for a moment: RabbitMQ 3.10
    loses queues, of every kind, that a kill meets within about a second of their declaration.
    """
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
        persistent = pika.BasicProperties(delivery_mode=2)  # type: ignore[no-untyped-call]
        channel.basic_publish("", "kept", body.encode(), persistent)


def received(url: str) -> list[str]:
    """Take what `publish` published."""
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        bodies = []
        while body := channel.basic_get("kept", auto_ack=True)[2]:
            bodies.append(body.decode())
        return bodies
