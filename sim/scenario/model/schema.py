"""The JSON Schema of a scenario, for editors that complete and check YAML."""

import ast
import inspect
import json
import textwrap
from itertools import pairwise

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from sim.scenario.model.scenario import Scenario


def schema_text() -> str:
    """The schema as a file."""
    schema = Scenario.model_json_schema(by_alias=True, schema_generator=_Described)
    return json.dumps(schema, indent=2) + "\n"


class _Described(GenerateJsonSchema):
    """Describes each key by what the source says below it.

    Pydantic can do so itself (`use_attribute_docstrings`), but reads the sources whenever the
    program starts, which took 45 ms of every run.
    """

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """A part of a scenario, its keys described."""
        found = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        for name, text in _texts(model).items():
            key = model.model_fields[name].alias or name
            found["properties"][key]["description"] = text
        return found


def _texts(model: type[BaseModel]) -> dict[str, str]:
    """What stands below each field of a model, and of those that it extends."""
    texts = dict[str, str]()
    for part in reversed(model.__mro__):
        if issubclass(part, BaseModel) and part is not BaseModel:
            texts |= _texts_of_class(part)
    return texts


def _texts_of_class(model: type[BaseModel]) -> dict[str, str]:
    source = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    assert isinstance(source, ast.ClassDef)
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(source.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
