#!/usr/bin/env python3
"""Checks recorded traffic against published OpenAPI descriptions. README.md tells more."""

import argparse
import json
import re
import sys
from collections import Counter
from pathlib import Path

from checks import Checker
from descriptions import Problem, services
from known import Known

HERE = Path(__file__).parent
SHORT = 300
# The number of an entry in a list, in the place of a field.
ANY_INDEX = re.compile(r"/\d+(?=/|$)")


def exchanges(folder):
    """Every recorded exchange, and where it is written."""
    for path in sorted(Path(folder).glob("*.jsonl")):
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                yield f"{path.name}:{number}", json.loads(line)


class Report:
    """What was seen, and what is wrong with it."""

    def __init__(self):
        self.seen = Counter()
        self.statuses = {}
        self.wrong = {}

    def add(self, place, exchange, operation, violations):
        name = f"{exchange['method']} {exchange['path']}" if operation is None else operation.name
        key = exchange["service"], name
        self.seen[key] += 1
        status = exchange["answer"]["status"] if exchange.get("answer") else "unanswered"
        self.statuses.setdefault(key, Counter())[status] += 1
        for one in violations:
            kind = tuple(one[key] for key in ("service", "operation", "status", "where", "kind", "reason"))
            kind += (ANY_INDEX.sub("/*", one["at"]),)
            known = self.wrong.setdefault(kind, [0, place, one, excerpt(exchange, one["where"])])
            known[0] += 1

    def print_seen(self, all_services, is_long):
        print("exchanges  operation")
        for (service, name), count in sorted(self.seen.items()):
            statuses = self.statuses[service, name].items()
            told = ", ".join(f"{status}: {times}" for status, times in sorted(statuses, key=status_first))
            print(f"{count:9}  {service} {name} ({told})")
        for service in all_services.values():
            if service.is_ours:
                self.print_served(service)
                continue
            unseen = [one.name for one in service.operations if (service.name, one.name) not in self.seen]
            families = {family(name) for seen, name in self.seen if seen == service.name}
            near = unseen if is_long else [one for one in unseen if family(one) in families]
            print(f"\nnever seen of {service.name}: {len(unseen)} operations", end="")
            print("" if is_long else f", among them {len(near)} beside those that were (--all lists all)")
            for name in near:
                print(f"           {name}")

    def print_served(self, service):
        """Of a service of ours: which operations did what they are for, and which did not."""
        answered = {
            name for (one, name), statuses in self.statuses.items()
            if one == service.name and any(status < 400 for status in statuses if status != "unanswered")
        }
        served = [one for one in service.operations if one.name in answered]
        print(f"\nserved of {service.name}: {len(served)} of {len(service.operations)} operations")
        for operation in service.operations:
            print(f"       {'yes' if operation.name in answered else ' no'}  {operation.name}")

    def print_wrong(self):
        for count, place, one, body in self.wrong.values():
            times = f" ({count} times)" if count > 1 else ""
            status = f" {one['status']}" if one["status"] else ""
            print(f"\n{place}: {one['service']} {one['operation']}{times}")
            print(f"  {one['where']}{status} {one['at'] or '(whole)'}: {one['reason']} [{one['kind']}]")
            print(f"  {body}")


def status_first(pair):
    return str(pair[0])


def family(name):
    """The path of the records that an operation is about."""
    return name.split(" ", 1)[1].removesuffix("/{id}").removesuffix("/search")


def excerpt(exchange, where):
    text = exchange["answer"]["body"] if where == "answer" else exchange["body"] or exchange["query"]
    return text if len(text) <= SHORT else f"{text[:SHORT]}… ({len(text)} characters)"


def run(arguments):
    all_services = services(arguments.services, arguments.service)
    known = Known.read(arguments.known)
    checkers = {name: Checker(one, known) for name, one in all_services.items()}
    report = Report()
    for place, exchange in exchanges(arguments.traffic):
        checker = checkers.get(exchange["service"])
        if checker:
            report.add(place, exchange, *checker.check(exchange))
    report.print_seen(all_services, arguments.all)
    report.print_wrong()
    silent = [name for name in all_services if not any(seen == name for seen, _ in report.seen)]
    stale = [] if arguments.partial or silent else list(known.stale(all_services))
    for name in silent:
        print(f"\nno traffic of {name} was recorded in {arguments.traffic}")
    for entry in stale:
        print(f"\nstale entry of {arguments.known.name}: {entry}")
    print(f"\n{sum(report.seen.values())} exchanges, {len(report.wrong)} kinds of violations")
    return 1 if report.wrong or silent or stale else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("traffic", help="the folder that DAYBOOK_TRAFFIC named")
    parser.add_argument("--service", action="append", required=True)
    parser.add_argument("--services", type=Path, default=HERE / "services.toml")
    parser.add_argument("--known", type=Path, default=HERE / "known.toml")
    parser.add_argument("--partial", action="store_true", help="not all suites ran: no entry is stale")
    parser.add_argument("--check-setup", action="store_true", help="only see that descriptions are there")
    parser.add_argument("--all", action="store_true", help="list every operation that was never seen")
    arguments = parser.parse_args()
    try:
        if arguments.check_setup:
            services(arguments.services, arguments.service)
            return 0
        return run(arguments)
    except Problem as problem:
        print(f"conformance: {problem}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
