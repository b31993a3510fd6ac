"""Holds one exchange against the description of its service."""

import json
import re
from urllib.parse import parse_qsl

import security
from descriptions import resolve
from jsonschema import Draft202012Validator
from schemas import ANSWER, REQUEST, Converter, coerced

FORM = "application/x-www-form-urlencoded"


class Checker:
    """Checks exchanges of one service."""

    def __init__(self, service, known):
        self.service = service
        self.known = known
        self.converters = {}
        self.validators = {}

    def check(self, exchange):
        """The operation, if there is one, and what is wrong."""
        operation, values, others = self.service.find(exchange["method"], exchange["path"])
        if operation is None and self.is_refused(exchange):
            return None, []
        if operation is None:
            reason = f"only {', '.join(others)} is described" if others else "is not described"
            return None, self.unlisted(exchange, reason)
        found = []
        if not self.is_refused(exchange):
            found = [
                *self.parameters(operation, values, exchange),
                *self.request(operation, exchange),
            ]
        violations = self.kept(operation.name, None, found)
        if exchange.get("answer"):
            answer = exchange["answer"]
            violations += self.answer(operation, answer)
        return operation, violations

    def violation(self, operation, status, where, kind, at, reason):
        return {
            "service": self.service.name,
            "operation": operation,
            "status": status,
            "where": where,
            "kind": kind,
            "at": at,
            "reason": reason,
        }

    def is_refused(self, exchange):
        """Whether we found the request itself wrong: suites ask wrongly to see that."""
        answer = exchange.get("answer")
        return self.service.is_ours and bool(answer) and 400 <= answer["status"] < 500

    def kept(self, operation, status, found):
        """What the list of known errors does not forgive."""
        violations = [self.violation(operation, status, *one) for one in found]
        return [one for one in violations if not self.known.forgives(one)]

    def unlisted(self, exchange, reason):
        """An operation that is not described; the known errors may say what is sent and answered."""
        name = f"{exchange['method']} {exchange['path']}"
        violation = self.violation(name, None, "request", "operation", "", reason)
        entry = self.known.forgives(violation)
        if entry is None:
            return [violation]
        if "schema" not in entry:
            return []
        found = shaped("body", entry["schema"], lambda: plain(exchange))
        violations = self.kept(name, None, found)
        if exchange.get("answer"):
            violations += self.undescribed(name, exchange["answer"])
        return violations

    def parameters(self, operation, values, exchange):
        pairs = parse_qsl(exchange["query"], keep_blank_values=True)
        names = [name for name, _ in pairs]
        headers = {name.lower(): value for name, value in exchange["headers"].items() if value}
        described = {"query": set(), "path": set(), "header": set(), "cookie": set()}
        for parameter in operation.parameters:
            place, name = parameter["in"], parameter["name"]
            described[place].add(name)
            given = {
                "query": [value for key, value in pairs if key == name],
                "path": [values[name]] if name in values else [],
                "header": [headers[name.lower()]] if name.lower() in headers else [],
                "cookie": [],
            }[place]
            if parameter.get("required") and not given:
                yield place, "required", name, f"{name} is missing"
            if place != "header" and given:
                yield from self.parameter(operation, parameter, given)
        if not security.is_given(operation, names, headers):
            yield "request", "security", "", "none of the ways to say who asks is given"
        keys = {name for place, name in security.parameters(operation) if place == "query"}
        for name in dict.fromkeys(names):
            if name not in described["query"] | keys:
                yield "query", "parameter", name, f"{name} is not described"

    def parameter(self, operation, parameter, given):
        place, name = parameter["in"], parameter["name"]
        schema = resolve(operation.document, parameter.get("schema", {}))
        if schema.get("type") == "array":
            items = resolve(operation.document, schema.get("items", {}))
            if not parameter.get("explode", parameter.get("style", "form") == "form"):
                given = given[0].split(",")
            value = [coerced(one, items) for one in given]
        elif len(given) > 1:
            yield place, "repeated", name, f"{name} is given {len(given)} times"
            return
        else:
            value = coerced(given[0], schema)
        key = (id(operation), place, name)
        yield from self.validated(place, name, operation, REQUEST, key, schema, value)

    def request(self, operation, exchange):
        described = operation.request_body
        if not exchange["body"]:
            if described and described.get("required"):
                yield "body", "required", "", "a body is missing"
            return
        if described is None:
            yield "body", "body", "", "no body is described"
            return
        content_type = exchange["headers"].get("content-type")
        media_type, schema = media(described.get("content", {}), content_type)
        if schema is None:
            yield "body", "content-type", "", f"{media_type or 'nothing'} is not described"
            return
        schema = schema.get("schema", {})
        try:
            value = self.parsed(operation, schema, media_type, exchange["body"])
        except ValueError:
            yield "body", "content-type", "", f"the body is no {media_type}"
            return
        key = (id(operation), "body", media_type)
        yield from self.validated("body", "", operation, REQUEST, key, schema, value)
        listed = self.properties(operation, schema)
        for entry in self.known.refused_fields(self.service.name, operation.name, listed):
            if isinstance(value, dict) and entry["field"] in value:
                yield "body", "refused", f"/{entry['field']}", entry["reason"]

    def parsed(self, operation, schema, media_type, text):
        if media_type != FORM:
            return json.loads(text) if is_json(media_type) else text
        properties = self.properties(operation, schema)
        return {
            name: coerced(value, resolve(operation.document, properties.get(name, {})))
            for name, value in parse_qsl(text, keep_blank_values=True, strict_parsing=True)
        }

    def properties(self, operation, schema):
        converter = self.converter(operation, REQUEST)
        return converter.merged(resolve(operation.document, schema)).get("properties", {})

    def answer(self, operation, answer):
        status = answer["status"]
        code = str(status)
        described = operation.answers
        chosen = described.get(code) or described.get(f"{code[0]}XX") or described.get("default")
        if chosen is None:
            return self.undescribed(operation.name, answer)
        chosen = resolve(operation.document, chosen)
        found = [*self.headers(operation, chosen, answer), *self.body(operation, chosen, answer)]
        return self.kept(operation.name, status, found)

    def headers(self, operation, described, answer):
        """Custom headers. What HTTP itself says of others is not in a description."""
        if "headers" not in answer:
            return
        headers = {name.lower(): one for name, one in described.get("headers", {}).items()}
        for name, header in headers.items():
            header = resolve(operation.document, header)
            if name in answer["headers"]:
                schema = resolve(operation.document, header.get("schema", {}))
                value = coerced(answer["headers"][name], schema)
                key = (id(operation), "answer header", answer["status"], name)
                yield from self.validated("answer", name, operation, ANSWER, key, schema, value)
            elif header.get("required"):
                yield "answer", "required", name, f"the header {name} is missing"
        for name in answer["headers"]:
            if name not in headers:
                yield "answer", "header", name, f"the header {name} is not described"

    def undescribed(self, name, answer):
        """A status of which the description is silent; the known errors may say its shape."""
        status = answer["status"]
        reason = f"status {status} is not described"
        violation = self.violation(name, status, "answer", "status", "", reason)
        entry = self.known.forgives(violation)
        if entry is None:
            return [violation]
        if "schema" not in entry:
            return []
        found = shaped("answer", entry["schema"], lambda: spoken(answer))
        return self.kept(name, status, found)

    def body(self, operation, described, answer):
        content = described.get("content")
        if not content:
            if answer["body"]:
                yield "answer", "body", "", "no body is described"
            return
        media_type, schema = media(content, answer["contentType"])
        if schema is None:
            yield "answer", "content-type", "", f"{media_type or 'nothing'} is not described"
            return
        schema = schema.get("schema", {})
        try:
            value = json.loads(answer["body"]) if is_json(media_type) else answer["body"]
        except ValueError:
            yield "answer", "content-type", "", "the body is no JSON"
            return
        key = (id(operation), "answer", answer["status"], media_type)
        yield from self.validated("answer", "", operation, ANSWER, key, schema, value)

    def validated(self, where, at, operation, direction, key, schema, value):
        if key not in self.validators:
            self.validators[key] = self.converter(operation, direction).validator(schema)
        yield from told(where, at, self.validators[key], value)

    def converter(self, operation, direction):
        key = (id(operation.document), direction)
        if key not in self.converters:
            self.converters[key] = Converter(operation.document, direction)
        return self.converters[key]


def media(content, given):
    """The media type that was given, and what is described of it."""
    media_type = (given or "").split(";")[0].strip().lower()
    for name, described in content.items():
        if name.split(";")[0].strip().lower() in (media_type, "*/*"):
            return media_type, described
    return media_type, None


def is_json(media_type):
    return media_type == "application/json" or media_type.endswith("+json")


def plain(exchange):
    """A body of which nothing is described: the texts of a form, or JSON."""
    if (exchange["headers"].get("content-type") or "").split(";")[0].strip().lower() == FORM:
        return dict(parse_qsl(exchange["body"], keep_blank_values=True, strict_parsing=True))
    return json.loads(exchange["body"])


def spoken(answer):
    """The body of an answer of which nothing is described: bare text, or JSON."""
    if (answer["contentType"] or "").split(";")[0].strip().lower() == "text/plain":
        return answer["body"]
    return json.loads(answer["body"])


def shaped(where, schema, read):
    """What a body lacks of a shape that the known errors say."""
    try:
        value = read()
    except ValueError:
        return [(where, "content-type", "", "the body cannot be read")]
    return list(told(where, "", Draft202012Validator(schema), value))


def told(where, at, validator, value):
    """What a validator says, a line for each field. Values are not repeated."""
    for error in validator.iter_errors(value):
        place = at + "".join(f"/{part}" for part in error.absolute_path)
        keyword = error.validator
        if keyword in ("additionalProperties", "unevaluatedProperties"):
            # Names in quotes, in brackets behind the sentence.
            for name in re.findall(r"'([^']+)'", error.message.rpartition("(")[2]):
                yield where, "field", f"{place}/{name}", f"{name} is not described"
        elif keyword == "not" and error.validator_value == {}:
            yield where, "field", place, "has no place in this direction"
        elif keyword == "required":
            for name in error.validator_value:
                if name not in error.instance:
                    yield where, "required", f"{place}/{name}", f"{name} is missing"
        elif error.instance is None:
            yield where, "null", place, "is null"
        elif keyword in ("anyOf", "oneOf"):
            yield where, "choice", place, "fits none, or more than one, of those described"
        else:
            yield where, keyword, place, f"{keyword} has to be {json.dumps(error.validator_value)}"
