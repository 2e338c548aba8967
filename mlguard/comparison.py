"""What new policies allow and old ones do not: of two documents, or of two whole accounts."""

from collections.abc import Iterable, Iterator, Sequence

from mlguard.errors import DocumentError
from mlguard.iam.comparison.compare import Comparison, Undecided, compare, compare_trust
from mlguard.iam.evaluation.policies import Carrier
from mlguard.iam.language.actions import actions
from mlguard.iam.language.document import Document, parse
from mlguard.principals import Principals, Subject
from mlguard.resources.iam import Role, User
from mlguard.snapshot import Gap

_HOLDERS = frozenset(kind.__name__ for kind in (Role, User))


def compare_documents(old: Document, new: Document) -> Comparison:
    """Return what one policy document allows and the other does not."""
    return compare([old], [new], known_actions=actions().names)


def compare_accounts(old: Principals, new: Principals) -> Comparison:
    """Return what the new account lets somebody do that the old did not.

    That is what each role and user may do by its policies, and who may assume each role by its
    trust policy. Principals are told apart by their ARN; who is new had nothing before, unless the
    old account was not read whole.
    """
    before = {subject.arn: subject for subject in old.subjects}
    found = [Comparison(undecided=tuple(_not_listed(new)))]
    unread = list(_gaps_of_lists(old))
    for subject in new.subjects:
        earlier = before.get(subject.arn)
        hidden = None if earlier else _hiding(subject, unread)
        both = (_of_policies(earlier, subject), _of_trust(earlier, subject))
        found += both if hidden is None else (_in_doubt(one, hidden) for one in both)
    return Comparison(
        new_access=tuple(entry for one in found for entry in one.new_access),
        undecided=tuple(dict.fromkeys(entry for one in found for entry in one.undecided)),
    )


def _of_policies(old: Subject | None, new: Subject) -> Comparison:
    unread = tuple(_unread(old, new))
    if unread:
        # What nobody has read may have changed, although the rest did not.
        return Comparison(undecided=unread)
    if old is not None and old.policies == new.policies:
        return Comparison()
    return compare(
        [] if old is None else _documents(old.policies.identity),
        _documents(new.policies.identity),
        old_limits=[] if old is None else _layers(old.policies.boundaries),
        new_limits=_layers(new.policies.boundaries),
        known_actions=actions().names,
        principal=new.arn,
    )


def _of_trust(old: Subject | None, new: Subject) -> Comparison:
    """Return whom the trust policy of a role lets assume it anew.

    A trust policy is the role's resource policy: IAM User Guide, "Roles terms and concepts".
    """
    role = new.resource
    if not isinstance(role, Role):
        return Comparison()
    earlier = old.resource if old is not None and isinstance(old.resource, Role) else None
    if earlier is not None and earlier.trust_policy == role.trust_policy:
        return Comparison()
    try:
        before = None if earlier is None else parse(earlier.trust_policy)
        after = parse(role.trust_policy)
    except DocumentError as error:
        reason = f"the trust policy cannot be read: {error}"
        return Comparison(undecided=(_everything(reason, action="sts:*", resource=role.arn),))
    return compare_trust(before, after, role=role.arn, known_actions=actions().names)


def _everything(
    reason: str, *, action: str = "*", resource: str = "*", principal: str | None = None
) -> Undecided:
    return Undecided(
        action=action, resource=resource, statement="", reason=reason, principal=principal
    )


def _unread(old: Subject | None, new: Subject) -> Iterator[Undecided]:
    for subject in (old, new):
        for gap in () if subject is None else subject.gaps:
            yield _everything(gap.detail, principal=new.arn)


def _gaps_of_lists(account: Principals) -> Iterator[Gap]:
    """Return the gaps that may hide roles or users altogether."""
    told = {gap for subject in account.subjects for gap in subject.gaps}
    for gap in account.gaps:
        if gap not in told and not _HOLDERS.isdisjoint(gap.kinds):
            yield gap


def _not_listed(account: Principals) -> Iterator[Undecided]:
    for gap in _gaps_of_lists(account):
        yield _everything(f"not read: {gap.detail}", principal=gap.subject)


def _hiding(subject: Subject, gaps: Iterable[Gap]) -> Gap | None:
    """Return a gap that may be why the old account does not show the principal."""
    kind = type(subject.resource).__name__
    return next(
        (gap for gap in gaps if kind in gap.kinds and gap.subject in (None, subject.arn)), None
    )


def _in_doubt(found: Comparison, gap: Gap) -> Comparison:
    """Return what was found as undecided: the old account may have had it."""
    reason = f"OLD was not read whole: {gap.detail}"
    left = (
        Undecided(
            action=one.action,
            resource=one.resource,
            statement=one.statement,
            reason=reason,
            principal=one.principal,
        )
        for one in found.new_access
    )
    return Comparison(undecided=(*found.undecided, *left))


def _documents(carriers: Iterable[Carrier]) -> list[Document]:
    return [carrier.document for carrier in carriers]


def _layers(carriers: Sequence[Carrier]) -> list[list[Document]]:
    """Each boundary must allow by itself."""
    return [[carrier.document] for carrier in carriers]
