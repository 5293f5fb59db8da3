"""What RabbitMQ evaluates before it boots."""

import subprocess
import threading
from pathlib import Path

from carafe.development.servers.erlang import find_rabbitmq
from carafe.development.servers.process import no_report
from carafe.development.servers.rabbitmq import NODE, node_environment
from carafe.development.servers.rabbitmq_boot import LOAD_MODULES_AT_ONCE

PRINT_WHAT_IS_NOT_LOADED = """\
{ok, [{application, _, Rabbit}]} = file:consult(code:where_is_file("rabbit.app")),
Modules = proplists:get_value(modules, Rabbit),
io:format("many: ~p, missing: ~p~n",
    [length(Modules) > 100, [M || M <- Modules, code:is_loaded(M) =:= false]]),
halt()."""


def test_each_module_in_which_rabbitmq_looks_is_loaded_before(tmp_path: Path) -> None:
    files = find_rabbitmq(no_report, threading.Event())
    output = subprocess.run(
        [
            *(str(files.runtime / "erlexec"), "-noinput", "-boot", "start_sasl"),
            *("-eval", LOAD_MODULES_AT_ONCE, "-eval", PRINT_WHAT_IS_NOT_LOADED),
        ],
        env=node_environment(files, tmp_path, NODE, 1),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (output.stdout, output.stderr) == ("many: true, missing: []\n", "")
