#!/usr/bin/env python3
"""Makes the OpenAPI 3.1 description of the console's API of its page: openapi.py docs/console-api.md OUTPUT.json

Each `### METHOD /path` begins an endpoint; what follows is its description, `Roles: …` who may call it, and the
blocks `json request` and `json reply` are examples, from which the schemas come."""
import json
import pathlib
import re
import sys


def schema(value):
    """What an example is one of. A null may be anything."""
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int):
        return {"type": "integer"}
    if isinstance(value, str):
        return {"type": "string"}
    if isinstance(value, list):
        return {"type": "array", "items": schema(value[0]) if value else {}}
    return {"type": "object", "properties": {name: schema(each) for name, each in value.items()}}


def content(kind, example):
    return {"content": {kind: {"schema": schema(example), "example": example}}}


def operation(method, path, text):
    blocks = dict(re.findall(r"```json (request|reply)\n(.*?)```", text, re.S))
    words = re.sub(r"```.*?```", "", text, flags=re.S)
    roles = re.search(r"^Roles: (.*)$", words, re.M)
    if roles is None:
        sys.exit(f"{method} {path} names no roles")
    kind = next((kind for kind in ("text/csv", "text/event-stream") if kind in words), "application/json")
    made = {"operationId": f"{method.lower()}{re.sub(r'[^a-z0-9]+', '_', path.removeprefix('/console/v1'))}",
            "description": re.sub(r"^Roles: .*$", "", words, flags=re.M).strip(),
            "x-roles": re.findall(r"[A-Z]{2,}|anybody|every role", roles[1]),
            "responses": {"200": {"description": "Done", **(content(kind, json.loads(blocks["reply"])) if "reply" in blocks
                                                            else {"content": {kind: {}}})},
                          "default": {"$ref": "#/components/responses/refusal"}}}
    names = re.findall(r"\{(\w+)\}", path)
    if names:
        made["parameters"] = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                              for name in names]
    if method == "POST" and made["x-roles"] != ["anybody"]:
        made["parameters"] = made.get("parameters", []) + [
            {"name": "X-CSRF-Token", "in": "header", "required": True, "schema": {"type": "string"}}]
    if "request" in blocks:
        made["requestBody"] = {"required": True, **content("application/json", json.loads(blocks["request"]))}
    if made["x-roles"] == ["anybody"]:
        made["security"] = []
    return made


def main():
    page = pathlib.Path(sys.argv[1]).read_text()
    paths = {}
    for head, text in re.findall(r"^### ((?:GET|POST) /\S+)\n(.*?)(?=^##|\Z)", page, re.M | re.S):
        method, path = head.split()
        paths.setdefault(path, {})[method.lower()] = operation(method, path, text)
    refusal = {"error": "This role may not", "message": "Votre rôle ne le permet pas", "code": 708, "word": "NOT_ALLOWED"}
    document = {"openapi": "3.1.0",
                "info": {"title": "payoutd console", "version": "1",
                         "description": page.split("## Rules for all of it")[1].split("\n## ")[0].strip()},
                "security": [{"session": []}],
                "paths": paths,
                "components": {"securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "payout_session"}},
                               "responses": {"refusal": {"description": "Refused", **content("application/json", refusal)}}}}
    pathlib.Path(sys.argv[2]).write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
