"""serialize.py <recorded.json>: each recorded value, serialized by the ROS 2 that is sourced; one line each: name and hex, or `missing`."""

import json
import sys

from rclpy.serialization import serialize_message
from rosidl_runtime_py import set_message_fields
from rosidl_runtime_py.utilities import get_message


def class_of(name):
    package, kind, message = name.split('/')
    if kind == 'msg':
        return get_message(name)
    from importlib import import_module
    service, part = message.rsplit('_', 1)
    return getattr(getattr(import_module(package + '.srv'), service), part)


def prepared(value):
    """Numbers of 64 bits stand as texts."""
    if isinstance(value, dict):
        return {
            key: int(each) if key == 'timestamp' else prepared(each)
            for key, each in value.items()
            if key != 'structure_needs_at_least_one_member'
        }
    return [prepared(each) for each in value] if isinstance(value, list) else value


with open(sys.argv[1]) as file:
    for name, message in json.load(file)['messages'].items():
        try:
            made = class_of(message['type'])()
        except ModuleNotFoundError:
            print(name, 'missing')
            continue
        set_message_fields(made, prepared(message['value']))
        print(name, serialize_message(made).hex())
