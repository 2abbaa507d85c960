"""The JSON Schema of all documents, generated from their types."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import Field, create_model

from assay.documents.ablation import Ablation
from assay.documents.envelope import Document, Result
from assay.documents.kept import Collected, Entries, Export, Rerun, StoreEntry, Unpacked, Verified, Viewed
from assay.documents.plans import AblationPlan, Parameters, Rows, SearchPlan
from assay.documents.search import Comparison, Search

__all__ = ["RESULTS", "document_model", "schema_text"]

# Command -> what its documents can hold.
RESULTS: Mapping[str, Sequence[type[Result]]] = {
    "ablate": (Ablation, AblationPlan, Rows, Rerun),
    "search": (Search, SearchPlan, Parameters),
    "report": (Ablation, Search, Comparison),
    "export": (Export, Unpacked),
    "store": (Entries, StoreEntry, Verified, Collected),
    "mcp": (),
    "view": (Viewed,),
}


def document_model(results: Mapping[str, Sequence[type[Result]]] = RESULTS) -> type[Document]:
    """The type of every document of some commands.

    Args:
        results: command -> what its documents can hold.
    """
    kinds = dict.fromkeys(kind for each in results.values() for kind in each)
    any_of: Any = Annotated[reduce(or_, kinds), Field(discriminator="kind")]
    return create_model("Document", __base__=Document, __doc__=Document.__doc__, result=(any_of | None, ...))


def schema_text(results: Mapping[str, Sequence[type[Result]]] = RESULTS) -> str:
    """The JSON Schema (2020-12) of these documents."""
    schema = document_model(results).model_json_schema(by_alias=True, mode="serialization")
    about = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "assay/1"}
    return json.dumps({**schema, **about}, indent=1, sort_keys=True) + "\n"
