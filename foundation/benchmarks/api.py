"""`make bench-api`: the functions beside a bare handler and Powertools, warm and cold.

Warm: processor time of a placed order and of a read, from API Gateway's event to the answer.
Cold: processor time of a fresh process, up to its first answer.
"""

import argparse
from pathlib import Path

from rich.console import Console

from .api_bench import ApiBench
from .api_report import markdown, print_table, ratios
from .nudge import answering_server
from .service import servers

RESULTS = Path(__file__).with_name("results")

ROUNDS, QUICK_ROUNDS = 30, 5
COLD_ROUNDS, QUICK_COLD_ROUNDS = 24, 4


def main() -> None:
    """Compare, and write the report."""
    parser = argparse.ArgumentParser(description="Compare the functions with a bare handler.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, no report")
    quick = parser.parse_args().quick
    console = Console()
    with servers(console.print) as addresses, answering_server() as sqs_url:
        bench = ApiBench(addresses, sqs_url)
        warm = bench.warm(console, QUICK_ROUNDS if quick else ROUNDS)
        cold = bench.cold(console, QUICK_COLD_ROUNDS if quick else COLD_ROUNDS)
        bench.close()
    print_table(console, warm, cold)
    if not quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "api.md").write_text(markdown(warm, cold), encoding="utf-8")
        console.print(f"written: {RESULTS / 'api.md'}")
    for line in ratios(warm, cold):
        console.print(line, highlight=False)


if __name__ == "__main__":
    main()
