"""The name this package gives to a JSON object."""

from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
