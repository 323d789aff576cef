"""Has a real TensorBoard read event files of ours: python3 tools/reference_tensorboard.py FOLDER, whose files
`npx tsx tools/tensorboard.ts FOLDER` wrote. Needs `pip install tensorboard`. Writes what it read, and TensorBoard's own
protobuf descriptors, to test/reference/train/tensorboard.json.
"""

import base64
import json
import pathlib
import sys

import tensorboard
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
from tensorboard.compat.proto import event_pb2


def plain(value, field):
    """A value of a message as JSON: messages as objects, int64 as numbers."""
    if field.is_repeated:
        return [one(item, field) for item in value]
    return one(value, field)


def one(value, field):
    if field.type == field.TYPE_MESSAGE:
        return {f.name: plain(v, f) for f, v in value.ListFields()}
    return value


def describe(message, found):
    """The fields of a message and of those inside: number, name, type, message, repeated, in a oneof."""
    if message.name in found:
        return
    # What no event of ours has is left out, with all that is only in there.
    own = [f for f in message.fields if (message.name, f.name) in USED]
    found[message.name] = {
        f.number: [f.name, f.type, f.message_type.name if f.message_type else "", f.is_repeated, f.containing_oneof is not None]
        for f in own
    }
    for f in own:
        if f.message_type:
            describe(f.message_type, found)


USED = {("Event", name) for name in ["wall_time", "step", "file_version", "summary", "session_log"]}
USED |= {("Summary", "value"), ("SessionLog", "status")}
USED |= {("Value", name) for name in ["tag", "simple_value", "histo"]}
USED |= {("HistogramProto", name) for name in ["min", "max", "num", "sum", "sum_squares", "bucket_limit", "bucket"]}

folder = pathlib.Path(sys.argv[1])
paths = sorted(folder.iterdir())
messages = {}
describe(event_pb2.Event.DESCRIPTOR, messages)
read = [
    [{f.name: plain(v, f) for f, v in event.ListFields()} for event in LegacyEventFileLoader(str(path)).Load()]
    for path in paths
]
shown = EventAccumulator(str(folder), size_guidance={"scalars": 0, "histograms": 0})
shown.Reload()
made = {
    "tensorboard": tensorboard.__version__ if hasattr(tensorboard, "__version__") else "",
    "messages": messages,
    "files": [base64.b64encode(path.read_bytes()).decode() for path in paths],
    "read": read,
    "shown": {tag: [[s.step, s.value] for s in shown.Scalars(tag)] for tag in shown.Tags()["scalars"]},
    "histograms": shown.Tags()["histograms"],
}
target = pathlib.Path(__file__).parent.parent / "test/reference/train/tensorboard.json"
target.parent.mkdir(exist_ok=True)
target.write_text(json.dumps(made, allow_nan=False, separators=(",", ":")) + "\n")
print(f"TensorBoard {made['tensorboard']}: {[len(events) for events in read]} events, scalars {made['shown']}")
