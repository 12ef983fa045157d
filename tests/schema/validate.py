#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# Holds lines of JSON against the schema that 'skbtrail schema' prints:
#   validate.py SCHEMA FILE...
# Every line must be as its type is described, with no member that the schema does not name. Prints each mistake, up to ten
# of a file, and the number of lines of each type.
import collections
import json
import sys

import jsonschema


def close(part):
    """Forbids members that are not named, so that the schema cannot lack one."""
    if isinstance(part, dict):
        if 'properties' in part:
            part.setdefault('additionalProperties', False)
        for value in part.values():
            close(value)
    elif isinstance(part, list):
        for value in part:
            close(value)


def mistakes(validators, line):
    value = json.loads(line)
    validator = validators.get(value.get('type'))
    if not validator:
        return [f'no such type: {value.get("type")}']
    errors = validator.iter_errors(value)
    return [f'{error.json_path}: {error.message}'[:300] for error in errors]


def main(path, files):
    with open(path, encoding='utf-8') as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    close(schema)
    validators = {}
    for entry in schema['$defs']['line']['oneOf']:
        of_type = dict(schema, **entry)
        name = entry['$ref'].split('/')[-1]
        definition = schema['$defs'][name]
        kind = definition.get('properties', {}).get('type', {}).get('const', name)
        validators[kind] = jsonschema.Draft202012Validator(of_type)
    seen, bad = collections.Counter(), 0
    for name in files:
        shown = 0
        with open(name, encoding='utf-8', errors='surrogateescape') as f:
            for number, line in enumerate(f, 1):
                found = mistakes(validators, line)
                seen[json.loads(line).get('type')] += 1
                bad += bool(found)
                if found and shown < 10:
                    shown += 1
                    print(f'{name}:{number}: {found[0]}')
    print(' '.join(f'{kind}:{n}' for kind, n in sorted(seen.items())))
    return 1 if bad or not seen else 0


sys.exit(main(sys.argv[1], sys.argv[2:]))
