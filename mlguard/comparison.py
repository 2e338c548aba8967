"""What new policies allow and old ones do not: of two documents, or of two whole accounts."""

from collections.abc import Iterable, Iterator, Sequence

from mlguard.iam.actions import actions
from mlguard.iam.compare import Comparison, NewAccess, Undecided, compare
from mlguard.iam.document import Document
from mlguard.iam.policies import Carrier
from mlguard.principals import Principals, Subject


def compare_documents(old: Document, new: Document) -> Comparison:
    """Return what one policy document allows and the other does not."""
    return compare([old], [new], known_actions=actions().names)


def compare_accounts(old: Principals, new: Principals) -> Comparison:
    """Return what each role and user of the new account may do that it could not do in the old.

    Principals are told apart by their ARN; who is new had nothing before.
    """
    before = {subject.arn: subject for subject in old.subjects}
    found = [_compared(before.get(subject.arn), subject) for subject in new.subjects]
    return Comparison(
        new_access=tuple(entry for one in found for entry in one.new_access),
        undecided=tuple(entry for one in found for entry in one.undecided),
    )


def _compared(old: Subject | None, new: Subject) -> Comparison:
    if old is not None and old.policies == new.policies:
        return Comparison()
    unread = tuple(_unread(old, new))
    if unread:
        return Comparison(undecided=unread)
    found = compare(
        [] if old is None else _documents(old.policies.identity),
        _documents(new.policies.identity),
        old_limits=[] if old is None else _layers(old.policies.boundaries),
        new_limits=_layers(new.policies.boundaries),
        known_actions=actions().names,
    )
    return _named(found, new.arn)


def _unread(old: Subject | None, new: Subject) -> Iterator[Undecided]:
    for subject in (old, new):
        for gap in () if subject is None else subject.gaps:
            yield Undecided(
                action="*", resource="*", statement="", reason=gap.detail, principal=new.arn
            )


def _documents(carriers: Iterable[Carrier]) -> list[Document]:
    return [carrier.document for carrier in carriers]


def _layers(carriers: Sequence[Carrier]) -> list[list[Document]]:
    """Each boundary must allow by itself."""
    return [[carrier.document] for carrier in carriers]


def _named(found: Comparison, arn: str) -> Comparison:
    return Comparison(
        new_access=tuple(
            NewAccess(
                action=one.action,
                resource=one.resource,
                context=one.context,
                statement=one.statement,
                principal=arn,
            )
            for one in found.new_access
        ),
        undecided=tuple(
            Undecided(
                action=one.action,
                resource=one.resource,
                statement=one.statement,
                reason=one.reason,
                principal=arn,
            )
            for one in found.undecided
        ),
    )
