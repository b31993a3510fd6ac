"""Whether a request brings what a description asks of its caller."""

from descriptions import resolve


def parameters(operation):
    """The parameters of the query and the headers that carry credentials."""
    for scheme in schemes(operation):
        if scheme["type"] == "apiKey":
            yield scheme["in"], scheme["name"]


def is_given(operation, names, headers):
    """Whether one of the ways in is given whole. `names` are those of the query."""
    ways = operation.security
    document = operation.document
    return not ways or any(
        all(brings(scheme(document, name), names, headers) for name in way) for way in ways
    )


def brings(described, names, headers):
    if described["type"] == "apiKey":
        name = described["name"]
        return {
            "query": name in names,
            "header": name.lower() in headers,
            "cookie": "cookie" in headers,
        }[described["in"]]
    wanted = described.get("scheme", "bearer").lower() if described["type"] == "http" else "bearer"
    return headers.get("authorization", "").split(" ")[0].lower() == wanted


def schemes(operation):
    named = {name: None for way in operation.security for name in way}
    return [scheme(operation.document, name) for name in named]


def scheme(document, name):
    return resolve(document, document["components"]["securitySchemes"][name])
