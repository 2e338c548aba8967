"""From recorded calls to a Recording: what IAM asks for each, in the account of the role."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from msgspec import structs

from mlguard.advice import needs_of, users_of
from mlguard.iam.language.document import ConditionTest
from mlguard.iam.operations.calls import Authorization, Need, authorize
from mlguard.iam.operations.roles import PASSED_TO
from mlguard.snapshot import Snapshot
from mlguard.usage.handed import handed_by, use_of
from mlguard.usage.recording import Call, Handed, Recording, Unmapped, Use
from mlguard.workload import CODE_CALLS

_GLOBAL: Final = re.compile(r"-global$")
# S3 API reference, "POST Object": it stands for the name of whatever file is posted.
_POSTED: Final = "${$}{filename}"
_ANY_NAME: Final = "the name of the file that is posted is not known"
# IAM User Guide, "AWS global condition context keys": where services without regions stand.
_HOME: Final[Mapping[str, str]] = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
}
# Of what is known of a request, what narrows a policy and stays as it is from call to call.
_KEPT: Final = frozenset({PASSED_TO, "cloudwatch:namespace"})


def recording_of(
    calls: Iterable[Call], *, account: str, test: str, whole: bool = True
) -> Recording:
    """Return what the calls of a test need, made by a role of this account.

    Where a mock answered in an account of its own, ARNs and queue URLs that carry that account are
    read as of the role's: in production they would be.
    """
    uses: dict[Use, None] = {}
    unmapped: dict[Unmapped, None] = {}
    handed: dict[Handed, None] = {}
    notes: dict[str, None] = {}
    count = 0
    for made in calls:
        count += 1
        call, note = _at_home(made, account)
        if note:
            notes[note] = None
        found = authorize(
            call.service,
            call.operation,
            call.parameters,
            account=account,
            region=call.region,
            partition=call.partition,
        )
        if found.unmapped:
            unmapped[Unmapped(call=call.name, reason=found.unmapped)] = None
        uses.update(dict.fromkeys(_uses(call, found)))
        handed.update(dict.fromkeys(handed_by(call, found, account=account)))
    return Recording(
        test=test,
        whole=whole,
        calls=count,
        uses=tuple(uses),
        unmapped=tuple(unmapped),
        handed=tuple(handed),
        notes=tuple(notes),
    )


def with_work(recording: Recording, snapshot: Snapshot, role: str) -> Recording:
    """Return the recording with what workloads of the snapshot need that run under the role."""
    found = [(user.arn, needs_of(user, snapshot)) for user in users_of(snapshot, role)]
    work = tuple(use_of(need, by=arn) for arn, needs in found for need in needs.needs)
    said = (note for _, needs in found for note in needs.notes if note != CODE_CALLS)
    notes = tuple(dict.fromkeys((*recording.notes, *said)))
    return structs.replace(recording, work=tuple(dict.fromkeys(work)), notes=notes)


def _uses(call: Call, found: Authorization) -> Iterator[Use]:
    for need in found.needs:
        posted = _POSTED in need.resource
        yield Use(
            action=need.action,
            resource=need.resource.replace(_POSTED, "*"),
            by=call.name,
            context=tuple(sorted(_context(call, need).items())),
            conditions=tuple(
                ConditionTest(operator="StringEquals", key=key, values=(value,))
                for key, value in sorted(need.context.items())
                if key in _KEPT
            ),
            doubt=need.doubt or (_ANY_NAME if posted else None),
        )


def _context(call: Call, need: Need) -> dict[str, str]:
    """Return what is known of the request: by its need, and where and how it was sent."""
    known = dict(need.context)
    region = _HOME.get(call.partition, "") if _GLOBAL.search(call.region) else call.region
    if region:
        known["aws:RequestedRegion"] = region
    if call.encrypted:
        known["aws:SecureTransport"] = "true"
    return known


def _at_home(call: Call, account: str) -> tuple[Call, str | None]:
    """Return the call with the account of its mock replaced by that of the role, and a note."""
    if call.mocked in (None, account):
        return call, None
    moved = _Moved(str(call.mocked), account)
    parameters = {key: moved.value(value) for key, value in call.parameters.items()}
    if parameters == call.parameters:
        return call, None
    moved_call = replace(call, parameters=parameters)
    return moved_call, f"the mock's account {call.mocked} in ARNs and URLs is read as {account}"


class _Moved:
    """Texts in which one account stands for another.

    Where an ARN, a queue's URL or an image's registry has its account, and where the text is
    nothing but the account. Names that merely contain it stay what they are.
    """

    def __init__(self, old: str, new: str) -> None:
        self._old, self._new = old, new
        place = r"(\barn:[^:\s]*:[^:\s]*:[^:\s]*:|^https?://[^/\s]+/)"
        self._inside = re.compile(rf"{place}{re.escape(old)}(?=[:/])")
        self._registry = re.compile(rf"^{re.escape(old)}(?=\.dkr\.ecr\.)")

    def value(self, value: object) -> object:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {key: self.value(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(one) for one in value]
        return value

    def _text(self, text: str) -> str:
        if text == self._old:
            return self._new
        return self._registry.sub(
            self._new, self._inside.sub(lambda at: at.group(1) + self._new, text)
        )
