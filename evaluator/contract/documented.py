"""Checks that hold every answer of a run to the OpenAPI document, whatever the request was sent for.

One check per operation, judged at the end from what was seen; where the operation's own check of the shape failed, it
is not reached, so that one wrong field is one failure. One more for the refusals (422) of all operations together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from evaluator.contract.checks import Check, openapi
from evaluator.contract.documents import OpenApiDocument

SHAPE, DOCUMENTED = ".shape", ".documented"
REFUSALS = "server.refusals-documented"


def documented_checks(document: OpenApiDocument, checks: Iterable[Check], *, refusals: str = "") -> tuple[Check, ...]:
    """A check for each operation whose success has a schema and whose shape one of `checks` is about.

    `refusals` is the operation under which the refusals of all operations are reported; empty where the document says
    nothing of them.
    """
    checks = tuple(checks)
    shapes = {check.operation: check for check in checks if check.id.endswith(SHAPE)}
    declared = [operation for operation in document.operations if document.declares_success(operation)]
    asked_for = tuple(check.id for check in checks if check.id.endswith(".errors"))
    successes = tuple(_of_successes(operation, shapes[operation]) for operation in declared if operation in shapes)
    if not refusals:
        return successes
    return (
        *successes,
        Check(
            REFUSALS,
            refusals,
            "Every refusal with 422 says in an object “errors” what is wrong",
            openapi("422 answers with an object errors."),
            asked_for,
            _judge("", refused=True),
        ),
    )


def _of_successes(operation: str, shape: Check) -> Check:
    return Check(
        shape.id.removesuffix(SHAPE) + DOCUMENTED,
        operation,
        f"Every success of {operation} has the documented shape",
        openapi("The answer has the shape of the document, whatever was asked."),
        (shape.id,),
        _judge(operation, refused=False),
    )


def _judge(operation: str, *, refused: bool) -> Any:
    async def judge(world: Any) -> None:
        world.session.record.fail_for_undocumented(operation, refused=refused)

    return judge
