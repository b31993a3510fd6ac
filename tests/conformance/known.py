"""The written list of what is wrong in the descriptions."""

import tomllib
from fnmatch import fnmatchcase

MATCHED = ("service", "operation", "where", "kind", "at", "status")
ALLOWED = {*MATCHED, "reason", "schema"}


class Known:
    """The entries, and how often each was used."""

    def __init__(self, entries=(), refused=()):
        self.entries = list(entries)
        self.refused = list(refused)
        for entry in self.entries:
            unknown = set(entry) - ALLOWED
            if unknown or not entry.get("reason"):
                raise ValueError(f"an entry needs a reason and knows no {sorted(unknown)}")
        self.used = [0] * len(self.entries)
        self.listed = [False] * len(self.refused)

    @classmethod
    def read(cls, path):
        with open(path, "rb") as file:
            lists = tomllib.load(file)
        return cls(lists.get("known", []), lists.get("refused", []))

    def forgives(self, violation):
        """The entry that speaks of this violation; counts it."""
        for at, entry in enumerate(self.entries):
            if all(fits(entry.get(key), violation.get(key)) for key in MATCHED):
                self.used[at] += 1
                return entry
        return None

    def refused_fields(self, service, operation, listed):
        """Fields that the real service refuses in a body, though the description lists them."""
        for at, entry in enumerate(self.refused):
            names = (service, operation)
            if all(fits(entry.get(key), name) for key, name in zip(("service", "operation"), names)):
                self.listed[at] |= entry["field"] in listed
                yield entry

    def stale(self, services):
        """Entries about these services that were of no use."""
        for used, entry in zip(self.used, self.entries):
            if not used and entry.get("service") in services:
                yield f"nothing needed it: {entry['reason']}"
        for listed, entry in zip(self.listed, self.refused):
            if not listed and entry.get("service") in services:
                yield f"the description no longer lists {entry['field']}: {entry['reason']}"


def fits(wanted, value):
    if wanted is None:
        return True
    options = wanted if isinstance(wanted, list) else [wanted]
    return any(
        fnmatchcase(str(value), option) if isinstance(option, str) else value == option
        for option in options
    )
