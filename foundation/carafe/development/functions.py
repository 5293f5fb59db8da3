"""Runs functions with other triggers than HTTP: `python -m carafe.development.functions bridge`."""

import argparse
import functools
import os
import threading
from collections.abc import Collection

from carafe.development.project import container, project
from carafe.infrastructure import logs
from carafe.infrastructure.event_bus.names import inbox_queue
from carafe.infrastructure.initialization import prepare_all

from .event_sources import inbox_triggers, queue_triggers, schedule_triggers
from .inbox_pump import InboxPump
from .pump import QueuePump, run_schedule, start_threads
from .queues import QueueClient, declare_queues
from .termination import await_termination, hold_back_termination

STARTED = "Functions are fed."


def start(names: Collection[str], stopping: threading.Event) -> list[threading.Thread]:
    """Feed functions of app.py from their queues and schedules, in threads.

    Args:
        names: the names of the functions.
        stopping: ends the threads when it is set.
    """
    module, app = project().module("app"), project().app
    prepare_all(project().service)
    queues = [each for each in queue_triggers(app) if each.function in names]
    schedules = [each for each in schedule_triggers(app) if each.function in names]
    endpoint_url = os.environ["AWS_ENDPOINT_URL"]
    client = QueueClient(endpoint_url)
    urls = declare_queues(client, queues)
    pumps = [
        QueuePump(client, urls[each.queue], each, getattr(module, each.function)).run
        for each in queues
    ]
    settings = container().settings
    timers = [
        functools.partial(
            run_schedule, each, getattr(module, each.function), settings.sweep_grace_seconds
        )
        for each in schedules
    ]
    inboxes = [
        InboxPump(
            settings.rabbitmq_url,
            inbox_queue(settings.service_name),
            getattr(module, each.function),
            each.function,
        ).run
        for each in inbox_triggers(app)
        if each.function in names and settings.rabbitmq_url
    ]
    return start_threads([*pumps, *timers, *inboxes], stopping)


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description="Feed functions from queues and schedules.")
    parser.add_argument("function", nargs="+", help="name in app.py")
    names = parser.parse_args().function
    logs.configure()
    hold_back_termination()
    stopping = threading.Event()
    threads = start(names, stopping)
    print(STARTED, flush=True)
    await_termination()
    stopping.set()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
