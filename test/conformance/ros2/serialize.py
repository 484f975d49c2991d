"""serialize.py <recorded.json>: each recorded value, serialized by the ROS 2 that is sourced; one line each: name and hex, or `missing`."""

import json
import sys
from importlib import import_module

from rclpy.serialization import serialize_message
from rosidl_parser.definition import AbstractNestedType, BasicType, NamespacedType


def class_of(package, kind, name):
    """What Python calls this type; parts of a service or of an action are below it."""
    module = import_module(package + '.' + kind)
    if kind == 'msg':
        return getattr(module, name)
    whole, *parts = name.split('_')
    at = getattr(module, whole)
    if kind == 'action' and parts[0] not in ('Goal', 'Result', 'Feedback'):
        at = at.Impl
        parts = [parts[0] + 'Service', *parts[1:]] if parts[1:] else parts
    for part in parts:
        at = getattr(at, part)
    return at


def made(cls, value):
    names = cls.get_fields_and_field_types()
    return cls(**{name: field(kind, value[name]) for name, kind in zip(names, cls.SLOT_TYPES)})


def field(kind, value):
    """Of a field of this type, from JSON, where numbers of 64 bits stand as texts."""
    if isinstance(kind, AbstractNestedType):
        return [field(kind.value_type, each) for each in value]
    if isinstance(kind, NamespacedType):
        return made(class_of(*kind.namespaces, kind.name), value)
    if isinstance(kind, BasicType):
        if kind.typename == 'octet':
            return bytes([value])
        if kind.typename in ('int64', 'uint64'):
            return int(value)
        if kind.typename in ('float', 'double'):
            return float(value)
    return value


with open(sys.argv[1]) as file:
    for name, message in json.load(file)['messages'].items():
        try:
            cls = class_of(*message['type'].split('/'))
        except ModuleNotFoundError:
            print(name, 'missing')
            continue
        print(name, serialize_message(made(cls, message['value'])).hex())
