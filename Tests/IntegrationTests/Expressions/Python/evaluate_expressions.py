#!/usr/bin/env python3
"""Evaluates CEL expressions with cel-python, and writes their values in a form that two implementations can compare.

usage: evaluate_expressions.py FILE

FILE holds a JSON array of [expression, variables]. One line is written for each: its value, or `error: ` and the reason.
"""
import datetime
import json
import sys

import celpy
from celpy import celtypes


def text(value):
    """A value as an expression would write it; maps in the order of their keys' texts."""
    if value is None:
        return "null"
    # Some operators of cel-python give Python's own types.
    if isinstance(value, (celtypes.BoolType, bool)):
        return "true" if value else "false"
    if isinstance(value, celtypes.UintType):
        return f"{int(value)}u"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return f"{float(value)!r}d"
    if isinstance(value, str):
        return json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, bytes):
        return "b" + bytes(value).hex()
    if isinstance(value, list):
        return "[" + ", ".join(text(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(sorted(f"{text(key)}: {text(item)}" for key, item in value.items())) + "}"
    if isinstance(value, datetime.timedelta):
        return f"duration({microseconds(value) * 1000})"
    if isinstance(value, datetime.datetime):
        epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        return f"timestamp({microseconds(datetime.datetime.astimezone(value, datetime.timezone.utc) - epoch) * 1000})"
    return f"? {type(value).__name__}"


def microseconds(delta):
    return (delta.days * 86400 + delta.seconds) * 1000000 + delta.microseconds


def evaluate(environment, expression, variables):
    try:
        program = environment.program(environment.compile(expression))
        return text(program.evaluate({name: celpy.json_to_cel(value) for name, value in variables.items()}))
    except Exception as error:  # Whatever it raises, it has no value.
        return "error: " + repr(error).replace("\n", " ")


def main():
    sys.setrecursionlimit(20000)
    environment = celpy.Environment()
    with open(sys.argv[1], encoding="utf-8") as file:
        for expression, variables in json.load(file):
            print(evaluate(environment, expression, variables))


if __name__ == "__main__":
    main()
