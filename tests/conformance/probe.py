#!/usr/bin/env python3
"""Asks a running system what its own description allows, and what it does not.

It starts the local server with a folder of its own, signs in at the Example CRM, and has
schemathesis draw requests from /openapi.json: without a session, and with one. No answer may be a
5xx or one that is not described. README.md tells more.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
DEMO_KEY = "demo-key"
# Whoever signs out is asked nothing more.
ENDING = "[uU]nAuthorize|pipedrive-redirect"


class Problem(Exception):
    """Something that whoever runs this has to mend."""


class Server:
    """A local server in a folder. It ends with the block."""

    def __init__(self, binary, folder):
        self.output = Path(folder) / "output"
        variables = {"PORT": "0", "DAYBOOK_DATA": str(Path(folder) / "data")}
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                [binary], env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def url(self):
        """Where it runs, once it says so."""
        until = time.monotonic() + 30
        while time.monotonic() < until and self.process.poll() is None:
            for line in self.said().splitlines():
                if "is running on" in line:
                    return line.split()[-1]
            time.sleep(0.05)
        raise Problem(f"the local server did not start:\n{self.said()}")

    def said(self):
        return self.output.read_text(encoding="utf-8", errors="replace")


def ask(url, body=None, token=None):
    """The status and the JSON of an answer."""
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(url, data=data, headers=headers), timeout=30) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, None
    except URLError as error:
        raise Problem(f"{url} is not answered: {error.reason}") from error


def sign_in(url):
    platform = "exampleCRM"
    body = {"platform": platform, "apiKey": DEMO_KEY, "hostname": "127.0.0.1", "additionalInfo": {}}
    status, told = ask(f"{url}/apiKeyLogin?state=platform={platform}", body)
    if status != 200:
        raise Problem(f"nobody can sign in: {status}")
    return told["jwtToken"]


def draw(arguments, url, folder, examples, *options):
    """Draws requests; whether all answers were described."""
    command = [
        arguments.schemathesis, "run", f"{url}/openapi.json",
        "--checks", ",".join(CHECKS),
        "--phases", "examples,coverage,fuzzing",
        "--max-examples", str(examples),
        "--generation-deterministic",
        "--workers", "2", "--request-timeout", "30", "--continue-on-failure",
        "--suppress-health-check", "all", "--warnings", "off", "--no-color", *options,
    ]
    left = arguments.until - time.monotonic()
    try:
        return subprocess.run(command, cwd=folder, timeout=max(left, 1), check=False).returncode == 0
    except subprocess.TimeoutExpired:
        raise Problem(f"it took longer than {arguments.seconds} s") from None


def run(arguments):
    with tempfile.TemporaryDirectory() as folder, Server(arguments.binary, folder) as server:
        url = server.url()
        status, _ = ask(f"{url}/openapi.json")
        if status != 200:
            raise Problem(f"/openapi.json is answered with {status}")
        is_fine = draw(arguments, url, folder, max(arguments.examples // 4, 1))
        token = sign_in(url)
        bearer = ("-H", f"Authorization: Bearer {token}", "--exclude-path-regex", ENDING)
        is_fine &= draw(arguments, url, folder, arguments.examples, *bearer)
        status, told = ask(f"{url}/authValidation", token=token)
        if status != 200 or not told["successful"]:
            raise Problem("the session has ended meanwhile, so that nothing was asked with it")
        return 0 if is_fine else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", help="the local server")
    parser.add_argument("--schemathesis", default="schemathesis")
    parser.add_argument("--examples", type=int, default=5, help="drawn requests of an operation, beside those at its bounds")
    parser.add_argument("--seconds", type=int, default=600, help="after that it is taken to hang")
    arguments = parser.parse_args()
    for name in ("binary", "schemathesis"):
        path = getattr(arguments, name)
        setattr(arguments, name, os.path.abspath(path) if os.sep in path else path)
    arguments.until = time.monotonic() + arguments.seconds
    try:
        return run(arguments)
    except Problem as problem:
        print(f"probe: {problem}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
