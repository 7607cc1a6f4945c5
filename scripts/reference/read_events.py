"""Reads TensorBoard event files independently of Weakspot and prints them as JSON.

  read_events.py FILE...         by the wire format, with Python alone: per file a list of events
  read_events.py --tensorboard FOLDER   by TensorBoard's own EventAccumulator, where it is installed
"""
import base64
import json
import struct
import sys


def shifted(byte):
    """What a byte of the register becomes in eight steps, bit by bit."""
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    return byte


STEPS = [shifted(byte) for byte in range(256)]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ STEPS[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(content):
    at = 0
    while at < len(content):
        (length, length_crc) = struct.unpack_from("<QI", content, at)
        assert length_crc == masked(content[at : at + 8]), "the length's checksum is wrong at %d" % at
        data = content[at + 12 : at + 12 + length]
        (data_crc,) = struct.unpack_from("<I", content, at + 12 + length)
        assert len(data) == length and data_crc == masked(data), "the data's checksum is wrong at %d" % at
        yield data
        at += 16 + length


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def fields(data):
    """Number and value of each field: varint, 64 bit, length-delimited, 32 bit."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 2:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        else:
            length = {1: 8, 5: 4}[kind]
            (value,) = struct.unpack("<d" if kind == 1 else "<f", data[at : at + length])
            at += length
        yield key >> 3, value


def image(data):
    found = dict(fields(data))
    return {"height": found[1], "width": found[2], "channels": found[3], "png": base64.b64encode(found[4]).decode()}


def event(data):
    result = {"step": 0, "scalars": {}, "images": {}}
    for number, value in fields(data):
        if number == 1:
            result["seconds"] = value
        elif number == 2:
            result["step"] = value
        elif number == 3:
            result["version"] = value.decode()
        elif number == 7:
            result["session"] = dict(fields(value))[1]
        elif number == 5:
            for _, entry in fields(value):
                content = dict(fields(entry))
                tag = content[1].decode()
                if 4 in content:
                    result["images"][tag] = image(content[4])
                else:
                    result["scalars"][tag] = content.get(2, 0.0)
    return result


def by_tensorboard(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    accumulator = EventAccumulator(folder, size_guidance={"images": 0, "scalars": 0})
    accumulator.Reload()
    tags = accumulator.Tags()
    return {
        "scalars": {tag: [[e.step, e.value] for e in accumulator.Scalars(tag)] for tag in tags["scalars"]},
        "images": {tag: [[e.step, e.width, e.height] for e in accumulator.Images(tag)] for tag in tags["images"]},
    }


if sys.argv[1] == "--tensorboard":
    print(json.dumps(by_tensorboard(sys.argv[2])))
else:
    print(json.dumps([[event(data) for data in records(open(file, "rb").read())] for file in sys.argv[1:]]))
