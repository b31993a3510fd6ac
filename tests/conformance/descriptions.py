"""Reads OpenAPI descriptions, and finds the operation that a request is meant for."""

import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import yaml

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Problem(Exception):
    """Something that whoever runs the checker has to mend."""


@dataclass
class Operation:
    """One operation of a description, below the address where the traffic has it."""

    method: str
    path: str
    document: dict
    parameters: list
    request_body: dict | None
    answers: dict
    security: list
    pattern: re.Pattern = field(repr=False)

    @property
    def name(self):
        return f"{self.method} {self.path}"


def resolve(document, thing):
    """Follows references within a document."""
    while isinstance(thing, dict) and "$ref" in thing:
        reference = thing["$ref"]
        if not reference.startswith("#/"):
            raise Problem(f"a reference leads out of the description: {reference}")
        thing = document
        for part in reference[2:].split("/"):
            thing = thing[part.replace("~1", "/").replace("~0", "~")]
    return thing


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            # JSON is YAML.
            return yaml.load(file, Loader=LOADER)
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}") from error


def pattern(path):
    parts = re.split(r"\{([^{}]+)\}", path)
    # A name in a pattern has to be a word, so that parameters go by their place.
    text = "".join(
        re.escape(part) if at % 2 == 0 else "([^/]+)" for at, part in enumerate(parts)
    )
    return re.compile(f"{text}/?" if path.endswith("/") else text), parts[1::2]


def operations(document, at):
    """All operations of a document. `at` says below which prefixes each server's paths are."""
    for path, item in document["paths"].items():
        item = resolve(document, item)
        for method in METHODS:
            if method not in item:
                continue
            operation = item[method]
            servers = (
                operation.get("servers")
                or item.get("servers")
                or document.get("servers")
                or [{"url": "/"}]
            )
            prefixes = next((at[one["url"]] for one in servers if one["url"] in at), at.get("*"))
            for prefix in prefixes or []:
                compiled, names = pattern(prefix + path)
                given = {}
                for parameter in item.get("parameters", []) + operation.get("parameters", []):
                    parameter = resolve(document, parameter)
                    given[parameter["in"], parameter["name"]] = parameter
                made = Operation(
                    method=method.upper(),
                    path=prefix + path,
                    document=document,
                    parameters=list(given.values()),
                    request_body=resolve(document, operation.get("requestBody")),
                    answers={str(code): one for code, one in operation["responses"].items()},
                    security=operation.get("security", document.get("security", [])),
                    pattern=compiled,
                )
                made.names = names
                yield made


class Service:
    """A service with all its operations. `is_ours` says that its answers are those of this project."""

    def __init__(self, name, all_operations, is_ours=False):
        self.name = name
        self.is_ours = is_ours
        # What is said in full goes before what has a place for anything.
        self.operations = sorted(all_operations, key=lambda one: one.path.count("{"))

    def find(self, method, path):
        """The operation and the values in its path; the methods of the path where none fits."""
        others = []
        for operation in self.operations:
            matched = operation.pattern.fullmatch(path)
            if not matched:
                continue
            if operation.method == method:
                values = [unquote(value) for value in matched.groups()]
                return operation, dict(zip(operation.names, values)), []
            others.append(operation.method)
        return None, {}, others


def services(config, wanted, environment=os.environ):
    """The services of these names, with the descriptions that the environment points to."""
    with open(config, "rb") as file:
        known = {one["name"]: one for one in tomllib.load(file)["services"]}
    found = {}
    for name in wanted:
        if name not in known:
            raise Problem(f"{name} is not a service of {config}")
        one = known[name]
        place = environment.get(one["variable"], "")
        if not place:
            raise Problem(
                f"{one['variable']} is not set.\n"
                f"The published descriptions of {name} are not part of this project: set it to "
                f"{one['hint']}, for example\n"
                f"  {one['variable']}=../descriptions make conformance"
            )
        documents = {}
        all_operations = []
        for description in one["descriptions"]:
            path = Path(place) / description["file"] if "file" in description else Path(place)
            documents[path] = documents.get(path) or read(path)
            all_operations += operations(documents[path], description["at"])
        found[name] = Service(name, all_operations, one.get("ours", False))
    return found
