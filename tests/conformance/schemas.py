"""Turns schemas of OpenAPI 3.0 and 3.1 into strict JSON Schema: what is not listed is refused."""

from descriptions import resolve
from jsonschema import Draft202012Validator, FormatChecker

REQUEST = "request"
ANSWER = "answer"

COPIED = (
    "type enum const format pattern minLength maxLength minimum maximum multipleOf minItems "
    "maxItems uniqueItems minProperties maxProperties exclusiveMinimum exclusiveMaximum"
).split()
# An `allOf` of nothing but these is one object.
PLAIN = set(
    "type properties required allOf nullable additionalProperties title description example "
    "examples deprecated externalDocs xml readOnly writeOnly".split()
)
# Unlike `false`, it is told with its place.
FORBIDDEN = {"not": {}}
FORMATS = FormatChecker(["date", "date-time", "uuid", "email", "ipv4", "ipv6"])


class Converter:
    """Converts the schemas of one document for one direction."""

    def __init__(self, document, direction):
        self.document = document
        self.hidden = "readOnly" if direction == REQUEST else "writeOnly"
        self.definitions = {}

    def validator(self, schema):
        converted = dict(self.convert(schema, True))
        converted["$defs"] = self.definitions
        return Draft202012Validator(converted, format_checker=FORMATS)

    def convert(self, schema, is_closed):
        if isinstance(schema, bool):
            return {} if schema else FORBIDDEN
        if "$ref" in schema:
            return self.reference(schema["$ref"], is_closed)
        schema = self.merged(schema)
        made = {key: schema[key] for key in COPIED if key in schema}
        self.bounds(made)
        has_properties = self.has_properties(schema)
        self.object_parts(schema, made)
        if "items" in schema:
            made["items"] = self.convert(schema["items"], True)
        chosen = self.chosen(schema, is_closed and not has_properties)
        for key in ("allOf", "anyOf", "oneOf"):
            if key in schema and not (chosen and key != "allOf"):
                is_whole = is_closed and key != "allOf" and not has_properties
                made[key] = [self.convert(one, is_whole) for one in schema[key]]
        if "not" in schema:
            made["not"] = self.convert(schema["not"], False)
        if chosen:
            made["allOf"] = [*made.get("allOf", []), *chosen]
        if is_closed and has_properties and "additionalProperties" not in schema:
            is_simple = not {"allOf", "anyOf", "oneOf"} & set(schema)
            made["additionalProperties" if is_simple else "unevaluatedProperties"] = False
        return self.nullable(schema, made)

    def chosen(self, schema, is_closed):
        """What a `discriminator` makes of the choice beside it: each value has its one schema."""
        name = schema.get("discriminator", {}).get("propertyName")
        branches = schema.get("oneOf") or schema.get("anyOf")
        if not name or not branches:
            return []
        named = {one["$ref"].rpartition("/")[2]: one["$ref"] for one in branches if "$ref" in one}
        for value, target in schema["discriminator"].get("mapping", {}).items():
            target = named.get(target, target)
            named = {key: one for key, one in named.items() if one != target or key == value}
            named[value] = target
        only = {"required": [name], "properties": {name: {"enum": list(named)}}}
        return [only] + [
            {
                "if": {"required": [name], "properties": {name: {"const": value}}},
                "then": self.reference(target, is_closed),
            }
            for value, target in named.items()
        ]

    def reference(self, reference, is_closed):
        name = reference.replace("/", ".").lstrip("#") + (".closed" if is_closed else ".open")
        if name not in self.definitions:
            self.definitions[name] = {}
            target = resolve(self.document, {"$ref": reference})
            self.definitions[name] = self.convert(target, is_closed)
        return {"$ref": f"#/$defs/{name}"}

    def merged(self, schema):
        """The schema with the objects of its `allOf` in it, where they are no more than that."""
        if "allOf" not in schema or not set(schema) <= PLAIN:
            return schema
        parts = [self.merged(resolve(self.document, one)) for one in schema["allOf"]]
        if not all(set(one) <= PLAIN - {"allOf"} for one in parts):
            return schema
        own = {key: value for key, value in schema.items() if key != "allOf"}
        made = {}
        for part in [*parts, own]:
            properties = {**made.get("properties", {}), **part.get("properties", {})}
            required = made.get("required", []) + part.get("required", [])
            made |= part
            if properties:
                made["properties"] = properties
            if required:
                made["required"] = required
        return made

    def object_parts(self, schema, made):
        properties = schema.get("properties", {})
        hidden = {
            name for name, one in properties.items() if self.resolved(one).get(self.hidden) is True
        }
        if properties:
            made["properties"] = {
                name: FORBIDDEN if name in hidden else self.convert(one, True)
                for name, one in properties.items()
            }
        required = [name for name in schema.get("required", []) if name not in hidden]
        if required:
            made["required"] = required
        if "additionalProperties" in schema:
            made["additionalProperties"] = self.convert(schema["additionalProperties"], True)

    def has_properties(self, schema):
        schema = self.resolved(schema)
        return bool(schema.get("properties")) or any(
            self.has_properties(one) for one in schema.get("allOf", [])
        )

    def resolved(self, schema):
        return resolve(self.document, schema) if isinstance(schema, dict) else {}

    @staticmethod
    def bounds(made):
        """3.0 says with a boolean whether a bound is excluded."""
        for bound, excluded in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if made.get(excluded) is True:
                made[excluded] = made.pop(bound)
            elif made.get(excluded) is False:
                del made[excluded]

    @staticmethod
    def nullable(schema, made):
        if schema.get("nullable") is not True:
            return made
        return {"anyOf": [{"type": "null"}, made]} if set(made) - {"type", "enum", "format"} else {
            **made,
            **({"type": [made["type"], "null"]} if "type" in made else {}),
            **({"enum": [*made["enum"], None]} if None not in made.get("enum", [None]) else {}),
        }


def coerced(text, schema):
    """A text of a query or a form, as the schema would have it; else the text."""
    kind = schema.get("type")
    if kind == "integer" and text.lstrip("-").isdecimal():
        return int(text)
    if kind == "number":
        try:
            return float(text)
        except ValueError:
            return text
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text
