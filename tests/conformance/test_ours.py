"""What our own answers are held against, in traffic of the same tiny service."""

import unittest

from test_conformance import exchange, found


def mine(*, query="key=k", status=200, content_type="text/plain", body="OK", headers=None, **others):
    one = exchange(path="/v1/mine", query=query, answer=(status, content_type, body), **others)
    one["answer"]["headers"] = {"x-count": "1"} if headers is None else headers
    return one


class Ours(unittest.TestCase):
    def test_who_asks_is_said_in_one_of_the_ways(self):
        for query, scheme, expected in [
            ("key=k", None, []),
            ("", "Bearer", []),
            ("", "Basic", [("request", "security", "")]),
            ("", None, [("request", "security", "")]),
            ("key=k&other=1", None, [("query", "parameter", "other")]),
        ]:
            self.assertEqual(found(mine(query=query, authorization=scheme)), expected, (query, scheme))
        for headers, expected in [
            ({"authorization": "Basic", "x-key": "given"}, []),
            ({"authorization": "Basic"}, [("request", "security", "")]),
            ({"authorization": None, "x-key": "given"}, [("request", "security", "")]),
        ]:
            self.assertEqual(found(exchange("POST", "/v1/mine", **headers)), expected, headers)

    def test_custom_headers_of_answers(self):
        for headers, expected in [
            ({"x-count": "1", "x-token": "t"}, []),
            ({}, [("answer", "required", "x-count")]),
            ({"x-count": "one"}, [("answer", "type", "x-count")]),
            ({"x-count": "1", "x-other": "1"}, [("answer", "header", "x-other")]),
        ]:
            self.assertEqual(found(mine(headers=headers)), expected, headers)

    def test_texts_have_schemas_too(self):
        self.assertEqual(found(mine(body="Fine")), [("answer", "enum", "")])

    def test_a_discriminator_names_the_schema(self):
        for body, expected in [
            ({"kind": "Cat", "lives": 9}, []),
            ({"kind": "Cat", "lives": 9, "name": None}, []),
            ({"kind": "Cat", "lives": 9, "name": "Tom"}, [("answer", "choice", "/name")]),
            ({"kind": "hound", "tail": "long"}, []),
            ({"kind": "Cat"}, [("answer", "required", "/lives")]),
            ({"kind": "hound", "lives": 9}, [("answer", "field", "/lives")]),
            ({"kind": "Dog"}, [("answer", "enum", "/kind")]),
            ({"lives": 9}, [("answer", "required", "/kind")]),
        ]:
            self.assertEqual(found(mine(content_type="application/json", body=body)), expected, body)

    def test_what_was_refused_is_not_held_against_who_asked(self):
        wrong = {"query": "", "authorization": None, "headers": {}}
        self.assertEqual(found(mine(status=400, **wrong), is_ours=True), [])
        self.assertEqual(len(found(mine(status=400, **wrong))), 1)
        self.assertEqual(len(found(mine(**wrong | {"headers": None}), is_ours=True)), 1)
        words = mine(status=400, content_type="text/html", **wrong)
        self.assertEqual(found(words, is_ours=True), [("answer", "content-type", "")])
        for status, expected in [(404, 0), (200, 1)]:
            one = exchange(path="/v1/none", answer=(status, "text/plain", "words"))
            self.assertEqual(len(found(one, is_ours=True)), expected, status)


if __name__ == "__main__":
    unittest.main()
