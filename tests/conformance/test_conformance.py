"""Each kind of violation is found in traffic of a tiny service, and no other."""

import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import check
from checks import Checker
from descriptions import Problem, Service, operations, services
from known import Known

NOTE = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "text": {"type": "string", "maxLength": 5},
        "color": {"type": "string", "enum": ["red", "blue"], "nullable": True},
        "day": {"type": "string", "format": "date"},
        "secret": {"type": "string", "writeOnly": True},
        "owner": {"$ref": "#/components/schemas/Owner"},
        "extra": {"type": "object"},
        "open": {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
    },
}
TINY = {
    "openapi": "3.0.1",
    "servers": [{"url": "https://tiny.test/api"}],
    "paths": {
        "/notes": {
            "get": {
                "parameters": [
                    {"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 9}},
                    {"in": "query", "name": "done", "schema": {"type": "boolean"}},
                    {"in": "query", "name": "by", "required": True, "schema": {"enum": ["id"]}},
                    {"in": "query", "name": "ids", "schema": {"type": "array", "items": {"type": "integer"}}},
                    {"in": "header", "name": "Authorization", "required": True, "schema": {}},
                ],
                "responses": {"200": {"content": {"application/json": {"schema": {
                    "allOf": [
                        {"type": "object", "properties": {"success": {"type": "boolean"}}},
                        {"type": "object", "properties": {"data": {
                            "type": "array", "items": {"$ref": "#/components/schemas/Note"}}}},
                    ]
                }}}}},
            },
            "post": {
                "requestBody": {"required": True, "content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/Note"}}}},
                "responses": {
                    "201": {"content": {"application/json": {"schema": {"type": "object", "oneOf": [
                        {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
                        {"type": "object", "properties": {"b": {"type": "integer"}}, "required": ["b"]},
                    ]}}}},
                    "204": {"description": "nothing"},
                },
            },
        },
        "/notes/mine": {"get": {"responses": {"default": {"content": {"text/plain": {}}}}}},
        "/notes/{id}": {
            "parameters": [{"in": "path", "name": "id", "required": True, "schema": {"type": "integer"}}],
            "get": {"responses": {"2XX": {"description": "nothing"}}},
        },
        "/mine": {
            "get": {
                "security": [{"bearer": []}, {"key": []}],
                "responses": {
                    "200": {
                        "headers": {
                            "X-Count": {"required": True, "schema": {"type": "integer"}},
                            "X-Token": {"$ref": "#/components/headers/Token"},
                        },
                        "content": {
                            "text/plain": {"schema": {"type": "string", "enum": ["OK"]}},
                            "application/json": {"schema": {"$ref": "#/components/schemas/Pet"}},
                        },
                    },
                    "400": {"content": {"text/plain": {"schema": {"type": "string"}}}},
                },
            },
            "post": {"security": [{"basic": [], "header": []}], "responses": {"default": {}}},
        },
        "/token": {
            "servers": [{"url": "https://login.tiny.test"}],
            "post": {
                "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": {
                    "type": "object", "properties": {"age": {"type": "integer"}}}}}},
                "responses": {"204": {"description": "nothing"}},
            },
        },
    },
    "components": {"schemas": {
        "Note": NOTE,
        "Owner": {"type": "object", "properties": {
            "name": {"type": "string"}, "boss": {"$ref": "#/components/schemas/Owner"}}},
        "Pet": {
            "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
            "discriminator": {"propertyName": "kind", "mapping": {"hound": "#/components/schemas/Dog"}},
        },
        "Cat": {"type": "object", "required": ["lives"], "properties": {
            "kind": {"type": "string"}, "lives": {"type": "integer"},
            "name": {"anyOf": [{"type": "integer"}, {"type": "string", "nullable": True, "enum": [None]}]}}},
        "Dog": {"type": "object", "properties": {"kind": {"type": "string"}, "tail": {"type": "string"}}},
    }, "headers": {"Token": {"schema": {"type": "string"}}}, "securitySchemes": {
        "bearer": {"type": "http", "scheme": "bearer"},
        "basic": {"type": "http", "scheme": "basic"},
        "key": {"type": "apiKey", "in": "query", "name": "key"},
        "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    }},
}
AT = {"https://tiny.test/api": ["/v1", "/api/v1"], "https://login.tiny.test": [""]}


def exchange(method="GET", path="/v1/notes", query="by=id", body="", answer=None, **headers):
    named = {"authorization": "Bearer", "content-type": "application/json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    if not isinstance(body, str):
        body = json.dumps(body)
    if answer is not None:
        status, content_type, text = answer
        text = text if isinstance(text, str) else json.dumps(text)
        answer = {"status": status, "contentType": content_type, "body": text}
    has_query = method == "GET" and (path.endswith("/notes") or path == "/v1/mine")
    query = query if has_query else ""
    return {
        "service": "tiny", "method": method, "path": path, "query": query,
        "headers": named, "body": body, "answer": answer,
    }


def found(one, known=None, is_ours=False):
    service = Service("tiny", list(operations(TINY, AT)), is_ours)
    _, violations = Checker(service, known or Known()).check(one)
    return [(v["where"], v["kind"], v["at"]) for v in violations]


def listed(data):
    return exchange(answer=(200, "application/json; charset=utf-8", {"success": True, "data": data}))


def posted(body, answer=None):
    return exchange("POST", body=body, answer=answer)


class Requests(unittest.TestCase):
    def test_what_is_described_is_fine(self):
        for one in [
            exchange(query="by=id&limit=9&done=true&ids=1&ids=2"),
            exchange(path="/api/v1/notes/7"),
            exchange(path="/v1/notes/mine"),
            exchange("POST", "/token", body="age=7", content_type="application/x-www-form-urlencoded"),
            posted({"text": "abc", "color": None, "day": "2026-02-03", "secret": "s",
                    "owner": {"boss": {"name": "B"}}, "extra": {"any": 1}, "open": {"any": 1}}),
        ]:
            self.assertEqual(found(one), [], one)

    def test_paths_and_methods(self):
        for method, path in [("GET", "/v1/other"), ("GET", "/notes"), ("PUT", "/v1/notes"), ("POST", "/v1/token")]:
            self.assertEqual(found(exchange(method, path)), [("request", "operation", "")], path)

    def test_parameters(self):
        for query, expected in [
            ("", ("required", "by")),
            ("by=id&limit=ten", ("type", "limit")),
            ("by=id&limit=10", ("maximum", "limit")),
            ("by=id&done=1", ("type", "done")),
            ("by=name", ("enum", "by")),
            ("by=id&by=id", ("repeated", "by")),
            ("by=id&ids=a", ("type", "ids/0")),
            ("by=id&other=1", ("parameter", "other")),
        ]:
            self.assertEqual(found(exchange(query=query)), [("query", *expected)], query)
        self.assertEqual(found(exchange(path="/v1/notes/x")), [("path", "type", "id")])
        self.assertEqual(found(exchange(authorization=None)), [("header", "required", "Authorization")])

    def test_bodies(self):
        for body, expected in [
            ("", ("required", "")),
            ("{", ("content-type", "")),
            ([], ("type", "")),
            ({"id": 1}, ("field", "/id")),
            ({"text": 1}, ("type", "/text")),
            ({"text": "abcdef"}, ("maxLength", "/text")),
            ({"text": None}, ("null", "/text")),
            ({"color": "green"}, ("enum", "/color")),
            ({"day": "2026-2-3"}, ("format", "/day")),
            ({"unknown": 1}, ("field", "/unknown")),
            ({"owner": {"boss": {"age": 1}}}, ("field", "/owner/boss/age")),
        ]:
            self.assertEqual(found(posted(body)), [("body", *expected)], body)
        self.assertEqual(
            found(exchange("POST", body={}, content_type="text/plain")), [("body", "content-type", "")]
        )
        self.assertEqual(found(exchange(path="/v1/notes/7", body={"a": 1})), [("body", "body", "")])
        form = "application/x-www-form-urlencoded"
        self.assertEqual(
            found(exchange("POST", "/token", body="age=x&more=1", content_type=form)),
            [("body", "type", "/age"), ("body", "field", "/more")],
        )


class Answers(unittest.TestCase):
    def test_what_is_described_is_fine(self):
        for one in [
            listed([{"id": 1, "color": None}]),
            posted({"text": "a"}, (201, "application/json", {"b": 1})),
            posted({"text": "a"}, (204, None, "")),
            exchange(path="/v1/notes/7", answer=(204, None, "")),
            exchange(path="/v1/notes/mine", answer=(500, "text/plain", "words")),
        ]:
            self.assertEqual(found(one), [], one)

    def test_bodies(self):
        for data, expected in [
            ([{}], ("required", "/data/0/id")),
            ([{"id": "1"}], ("type", "/data/0/id")),
            ([{"id": 1, "text": None}], ("null", "/data/0/text")),
            ([{"id": 1, "secret": "s"}], ("field", "/data/0/secret")),
            ([{"id": 1, "unknown": 1}], ("field", "/data/0/unknown")),
            ([{"id": 1, "owner": {"name": 1}}], ("type", "/data/0/owner/name")),
            ({}, ("type", "/data")),
        ]:
            self.assertEqual(found(listed(data)), [("answer", *expected)], data)
        both = posted({"text": "a"}, (201, "application/json", {"c": 1}))
        self.assertIn(("answer", "choice", ""), found(both))

    def test_everything_else(self):
        for answer, expected in [
            ((404, "application/json", {}), ("status", "")),
            ((200, "text/html", "<h1>"), ("content-type", "")),
            ((200, "application/json", "<h1>"), ("content-type", "")),
        ]:
            self.assertEqual(found(exchange(answer=answer)), [("answer", *expected)], answer)
        told = exchange(path="/v1/notes/7", answer=(200, "text/plain", "words"))
        self.assertEqual(found(told), [("answer", "body", "")])


class KnownErrors(unittest.TestCase):
    def test_an_entry_forgives_what_it_matches_and_nothing_else(self):
        entry = {"service": "tiny", "operation": "GET /v1/*", "kind": "null", "at": "/data/*", "reason": "r"}
        known = Known([entry])
        self.assertEqual(found(listed([{"id": 1, "text": None}]), known), [])
        self.assertEqual(known.used, [1])
        self.assertEqual(len(found(posted({"text": None}), known)), 1)
        self.assertEqual(list(known.stale(["tiny"])), [])

    def test_an_entry_may_say_the_shape_of_an_answer(self):
        schema = {"type": "object", "required": ["error"], "additionalProperties": False,
                  "properties": {"error": {"type": "string"}}}
        entry = {"service": "tiny", "kind": "status", "status": [404], "schema": schema, "reason": "r"}
        for body, expected in [
            ({"error": "e"}, []),
            ({}, [("answer", "required", "/error")]),
            ({"error": "e", "code": 1}, [("answer", "field", "/code")]),
            ("<h1>", [("answer", "content-type", "")]),
        ]:
            answered = exchange(answer=(404, "application/json", body))
            self.assertEqual(found(answered, Known([entry])), expected, body)
        self.assertEqual(len(found(exchange(answer=(500, None, "")), Known([entry]))), 1)

    def test_an_entry_may_say_the_shapes_of_an_operation_that_is_not_described(self):
        named = {"service": "tiny", "operation": "POST /v1/other", "reason": "r"}
        schema = {"type": "object", "required": ["token"], "additionalProperties": False,
                  "properties": {"token": {"type": "string"}}}
        known = Known([named | {"kind": "operation", "schema": schema},
                       named | {"kind": "status", "status": 200, "schema": {"type": "object"}}])
        form = "application/x-www-form-urlencoded"
        for body, answer, expected in [
            ("token=t", (200, "application/json", {}), []),
            ("token=t", None, []),
            ("", None, [("body", "required", "/token")]),
            ("token", None, [("body", "content-type", "")]),
            ("other=t", None, [("body", "field", "/other"), ("body", "required", "/token")]),
            ("token=t", (400, "application/json", {}), [("answer", "status", "")]),
            ("token=t", (200, "application/json", []), [("answer", "type", "")]),
        ]:
            one = exchange("POST", "/v1/other", body=body, answer=answer, content_type=form)
            self.assertEqual(sorted(found(one, known)), expected, body)
        one = exchange("POST", "/v1/other", body={"token": 1})
        self.assertEqual(found(one, known), [("body", "type", "/token")])

    def test_a_listed_field_may_be_refused(self):
        entry = {"service": "tiny", "operation": "POST *", "field": "text", "reason": "r"}
        known = Known(refused=[entry])
        self.assertEqual(found(posted({"text": "a"}), known), [("body", "refused", "/text")])
        self.assertEqual(found(posted({"day": "2026-02-03"}), known), [])
        self.assertEqual(list(known.stale(["tiny"])), [])

    def test_what_nothing_needs_is_stale(self):
        entry = {"service": "tiny", "kind": "null", "reason": "r"}
        gone = {"service": "tiny", "operation": "POST *", "field": "gone", "reason": "r"}
        known = Known([entry], [gone])
        found(posted({"text": "a"}), known)
        self.assertEqual(len(list(known.stale(["tiny"]))), 2)
        self.assertEqual(list(known.stale(["other"])), [])

    def test_an_entry_needs_a_reason_and_known_keys(self):
        for entry in [{"service": "tiny"}, {"service": "tiny", "reason": "r", "path": "/"}]:
            with self.assertRaises(ValueError):
                Known([entry])


class Runs(unittest.TestCase):
    """The tool as it is called."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        (self.folder / "tiny.json").write_text(json.dumps(TINY))
        (self.folder / "known.toml").write_text("")
        (self.folder / "services.toml").write_text(
            '[[services]]\nname = "tiny"\nvariable = "TINY_SPEC"\nhint = "a file"\n'
            '[[services.descriptions]]\n[services.descriptions.at]\n'
            '"https://tiny.test/api" = ["/v1"]\n"*" = [""]\n'
        )

    def run_on(self, *lines, variable=True, options=()):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (self.folder / "traffic-1.jsonl").write_text(text)
        arguments = [
            "check.py", str(self.folder), "--service", "tiny",
            "--services", str(self.folder / "services.toml"),
            "--known", str(self.folder / "known.toml"), *options,
        ]
        environment = {"TINY_SPEC": str(self.folder / "tiny.json")} if variable else {"TINY_SPEC": ""}
        printed = io.StringIO()
        with (
            mock.patch.object(sys, "argv", arguments),
            mock.patch.dict("os.environ", environment),
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
        ):
            return check.main(), printed.getvalue()

    def test_good_traffic_passes_and_is_summed_up(self):
        code, said = self.run_on(listed([{"id": 1}]), exchange())
        self.assertEqual(code, 0, said)
        self.assertIn("2  tiny GET /v1/notes (200: 1, unanswered: 1)", said)
        self.assertIn("POST /v1/notes", said)

    def test_what_is_served_of_ours_is_listed(self):
        text = (self.folder / "services.toml").read_text()
        (self.folder / "services.toml").write_text(text.replace('hint', 'ours = true\nhint', 1))
        gone = exchange(path="/v1/notes/7", answer=(404, "text/plain", "words"))
        code, said = self.run_on(listed([{"id": 1}]), gone)
        self.assertEqual(code, 1, said)
        self.assertIn("served of tiny: 1 of 7 operations", said)
        self.assertIn("yes  GET /v1/notes\n", said)
        self.assertIn(" no  GET /v1/notes/{id}\n", said)

    def test_a_violation_fails_and_says_where(self):
        code, said = self.run_on(exchange(), posted({"text": "x" * 999}), posted({"text": "y" * 999}))
        self.assertEqual(code, 1, said)
        self.assertIn("traffic-1.jsonl:2: tiny POST /v1/notes (2 times)", said)
        self.assertIn("body /text", said)
        self.assertIn("… (1011 characters)", said)

    def test_a_violation_of_one_field_hides_none_of_another(self):
        notes = [{"id": 1, "text": None}, {"id": 2, "text": None}, {"id": 3, "owner": None}]
        code, said = self.run_on(listed(notes))
        self.assertEqual(code, 1, said)
        self.assertIn("answer 200 /data/0/text", said)
        self.assertIn("answer 200 /data/2/owner", said)
        self.assertIn("(2 times)", said)
        self.assertIn("2 kinds of violations", said)

    def test_no_traffic_fails(self):
        code, said = self.run_on()
        self.assertEqual(code, 1)
        self.assertIn("no traffic of tiny was recorded", said)

    def test_a_stale_entry_fails_a_whole_run_only(self):
        entry = '[[known]]\nservice = "tiny"\nkind = "null"\nreason = "r"\n'
        (self.folder / "known.toml").write_text(entry)
        self.assertEqual(self.run_on(exchange())[0], 1)
        self.assertEqual(self.run_on(exchange(), options=["--partial"])[0], 0)

    def test_what_is_missing_is_named(self):
        code, said = self.run_on(exchange(), variable=False)
        self.assertEqual(code, 2)
        self.assertIn("TINY_SPEC is not set", said)
        (self.folder / "tiny.json").unlink()
        code, said = self.run_on(exchange(), options=["--check-setup"])
        self.assertEqual(code, 2)
        self.assertIn("cannot be read", said)

    def test_services_have_names(self):
        with self.assertRaises(Problem):
            services(self.folder / "services.toml", ["other"])


if __name__ == "__main__":
    unittest.main()
