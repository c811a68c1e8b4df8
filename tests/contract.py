"""The contract as its documents state it: topics/asyncapi.yaml and topics/schemas/."""

import json
import re

import jsonschema
import yaml

ID = "[A-Za-z0-9_-]{1,128}"


def _refuse_duplicates(pairs):
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"'{name}' is there twice")
    return dict(pairs)


def _refuse_constant(word):
    raise ValueError(f"{word} is not JSON")


def parse_json(text):
    return json.loads(text, object_pairs_hook=_refuse_duplicates, parse_constant=_refuse_constant)


class Contract:
    def __init__(self, source_dir):
        folder = source_dir / "topics"
        self.document = yaml.safe_load((folder / "asyncapi.yaml").read_text())
        # Topics of other projects are not of the tree.
        self.channels = {
            name: channel
            for name, channel in self.document["channels"].items()
            if not channel.get("x-foreign")
        }
        self.schemas = {
            path.name: json.loads(path.read_text())
            for path in sorted((folder / "schemas").glob("*.schema.json"))
        }
        self._store = {schema["$id"]: schema for schema in self.schemas.values()}

    @property
    def messages(self):
        return self.document["components"]["messages"]

    def schema_file(self, message):
        return self.messages[message]["payload"]["schema"]["$ref"].removeprefix("schemas/")

    def validator(self, file):
        schema = self.schemas[file]
        resolver = jsonschema.RefResolver(schema["$id"], schema, store=self._store)
        return jsonschema.Draft202012Validator(schema, resolver=resolver)

    def kind_of(self, prefix, topic):
        """The channel of a topic, None if it is not one of the tree."""
        for kind, channel in self.channels.items():
            levels = [self._level(level, prefix) for level in channel["address"].split("/")]
            if re.fullmatch("/".join(levels), topic):
                return kind
        return None

    def message_of(self, kind, topic):
        """The message on a topic of that kind: a verb can have one of its own."""
        own = f"{kind}_{topic.rsplit('/', 1)[-1]}"
        return own if own in self.channels[kind]["messages"] else kind

    def _level(self, level, prefix):
        if not level.startswith("{"):
            return re.escape(level)
        name = level[1:-1]
        if name == "prefix":
            return re.escape(prefix)
        reserved = self.document["components"]["parameters"][name].get("x-reserved")
        return ID if reserved is None else f"(?!(?:{'|'.join(reserved.split())})(?:/|$)){ID}"

    def instance(self, message, payload):
        """What the schema of that message describes, made of the text on the wire."""
        content = self.messages[message].get("contentType")
        if content == "application/json" or (content is None and payload.lstrip().startswith("{")):
            return parse_json(payload)
        return payload.strip() if content is None else payload

    def violations(self, message, payload):
        """Why the payload is not that message; empty if it is."""
        try:
            instance = self.instance(message, payload)
        except ValueError as error:
            return [str(error)]
        errors = self.validator(self.schema_file(message)).iter_errors(instance)
        return [f"{error.json_path}: {error.message}" for error in errors]
