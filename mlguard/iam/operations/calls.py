"""From a call to what IAM is asked: the actions, the resources, and the context that is known.

Most operations need the action of their own name. What else AWS asks for, and where, is data:
`operations.json` by hand, with its sources, `operation_resources.json` from AWS's Service
Authorization Reference.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from mlguard.errors import ArnError
from mlguard.iam.language.actions import actions
from mlguard.iam.language.arn import Arn
from mlguard.iam.language.request import Context
from mlguard.iam.language.variables import Template as PolicyText
from mlguard.iam.operations.roles import PASS_ROLE, passed_roles
from mlguard.iam.operations.table import NeedRule, OperationTable, operations
from mlguard.iam.operations.templates import Filled, Template
from mlguard.iam.operations.transforms import TRANSFORMS
from mlguard.iam.operations.values import Place, Values, elements_at, escape, scope_of, values_at

_ANY: Final = "*"
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_DIRECTORY_BUCKET: Final = "--x-s3"
_UNREADABLE: Final = "which action the call needs, its PartiQL statement does not tell"
_NOT_WORKED_OUT: Final = "the resources of this operation are not worked out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One permission that a call needs.

    `resource` is written as for a policy of version 2012-10-17: what a wildcard is in a name of
    the call stands there as `${*}` or `${?}`. Where the call does not tell all of the ARN, a real
    wildcard takes the place, and `doubt` says why. `context` has what of the request's context is
    known from the call.
    """

    action: str
    resource: str = _ANY
    context: Mapping[str, str] = field(default_factory=dict, hash=False)
    doubt: str | None = None

    @property
    def exact(self) -> bool:
        """Whether the resource is the one that AWS asks for, no wider and no other."""
        return self.doubt is None

    @property
    def literal(self) -> str | None:
        """The resource as a request has it, None if it is a pattern; `*` if the action has none."""
        parts = PolicyText.parse(self.resource)
        plain = "".join(part for part in parts.parts if isinstance(part, str))
        if self.resource != _ANY and (_ANY in plain or "?" in plain):
            return None
        return parts.as_text(Context()).text


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """What a call needs; `unmapped` is why that cannot be told."""

    needs: tuple[Need, ...] = ()
    unmapped: str | None = None

    @property
    def exact(self) -> bool:
        """Whether every need is exact."""
        return self.unmapped is None and all(need.exact for need in self.needs)


def authorize(
    service: str,
    operation: str,
    parameters: Mapping[str, object],
    *,
    account: str,
    region: str,
    partition: str = "aws",
) -> Authorization:
    """Return what AWS authorizes when the operation is called with the parameters.

    `service` is as in boto3.client, `operation` in Pascal case; `account` and `region` are where
    the call is made. Nothing is dropped: what is not known of a call is said.
    """
    table = operations()
    owner = values_at(table.account_parameter(service), parameters)
    place = Place(partition=partition, region=region, account=escape((*owner, account)[0]))
    call = _Call(service, operation, {**parameters, "@operation": operation}, place, table)
    if call.own_needs is None:
        return Authorization(unmapped=table.unmapped(service, operation))
    needs = (*call.own_needs, *call.needs_beside(), *call.roles())
    if any(_ANY in need.action for need in needs):
        return Authorization(unmapped=_UNREADABLE)
    return Authorization(needs=tuple(dict.fromkeys(needs)))


@dataclass(frozen=True)
class _Call:
    """One call, asked for its needs."""

    service: str
    operation: str
    scope: Values
    place: Place
    table: OperationTable
    own_needs: tuple[Need, ...] | None = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "own_needs", self._own())

    @property
    def key(self) -> str:
        return f"{self.service}.{self.operation}"

    def _own(self) -> tuple[Need, ...] | None:
        """Return the needs of the operation itself, None if nothing is known of it."""
        if self.service == "s3" and (express := self._directory_bucket()):
            return express
        rules = self.table.rules.get(self.key, ())
        instead = [need for rule in rules if not rule.beside for need in rule.needs]
        if instead:
            written = tuple(need for rule in instead for need in self._written(rule))
            return written or (self._unresolved(instead[0]),)
        action = self.table.action(self.service, self.operation)
        if action is None:
            return None
        context = self._context({k: v for rule in rules for k, v in rule.context.items()})
        return tuple(
            Need(action=action, resource=one.text, doubt=one.doubt, context=context)
            for one in self._resources(action)
        )

    def _unresolved(self, rule: NeedRule) -> Need:
        """Return a need for a call that has none of the parameters that its rules ask for."""
        action = self._filled(rule.action, self.scope)[0].text
        return Need(action=action, doubt=_NOT_WORKED_OUT)

    def _resources(self, action: str) -> tuple[Filled, ...]:
        templates = self.table.resources.get(self.key)
        if templates == () or (templates is None and self._takes_none(action)):
            return (Filled(text=_ANY),)
        found = [one for written in templates or () for one in self._filled(written, self.scope)]
        return tuple(found) or (Filled(text=_ANY, doubt=_NOT_WORKED_OUT),)

    def _takes_none(self, action: str) -> bool:
        return actions().takes_resource(action) is False

    def needs_beside(self) -> Iterator[Need]:
        """Give what is needed beside the operation's own: for tags, code, layers, alarms."""
        for key in (self.key, f"{self.service}.*"):
            for rule in self.table.rules.get(key, ()):
                if rule.beside:
                    for need in rule.needs:
                        yield from self._written(need)
        yield from self._tags()

    def _tags(self) -> Iterator[Need]:
        found = self.table.tagging(self.key)
        if found is None or self.operation.startswith(("Tag", "Untag", "AddTags")):
            return
        parameter, action = found
        if self.scope.get(parameter):
            for need in self._made():
                # What is made has an id that the call does not know.
                doubt = need.doubt or (_NOT_WORKED_OUT if need.resource == _ANY else None)
                yield replace(need, action=action, context=_NOTHING, doubt=doubt)

    def _made(self) -> tuple[Need, ...]:
        """Return of the operation's own needs those of what it makes, if that can be told."""
        own = self.own_needs or ()
        noun = self.operation.removeprefix("Create").lower()
        made = tuple(need for need in own if _kind(need.resource) == noun)
        return made or own

    def roles(self) -> Iterator[Need]:
        """Give iam:PassRole for every role that the call hands to the service."""
        passed = passed_roles(
            self.service, self.operation, scope=self.scope, place=self.place, table=self.table
        )
        for one in passed:
            role = one.role
            yield Need(action=PASS_ROLE, resource=role.text, context=one.context, doubt=role.doubt)

    def _written(self, rule: NeedRule) -> Iterator[Need]:
        """Give the needs of a rule, one for each element of its list."""
        elements = elements_at(rule.each, self.scope) if rule.each else iter((None,))
        for element in elements:
            scope = scope_of(element, self.scope) if rule.each else self.scope
            if rule.when and not self._holds(rule.when, scope):
                continue
            if rule.unless and self._holds(rule.unless, scope):
                continue
            action = self._filled(rule.action, scope)[0].text
            context = self._context(rule.context, scope)
            found = [one for written in rule.resources for one in self._filled(written, scope)]
            for one in found or [Filled(text=_ANY)]:
                yield Need(action=action, resource=one.text, doubt=one.doubt, context=context)

    def _holds(self, condition: str, scope: Values) -> bool:
        path, equals, value = condition.partition("=")
        path, _, transform = path.partition("|")
        found = values_at(path, scope)
        if transform:
            return any(TRANSFORMS[transform](text, self.place) for text in found)
        return value in found if equals else bool(found) or any(elements_at(path, scope))

    def _context(self, keys: Mapping[str, str], scope: Values | None = None) -> Mapping[str, str]:
        found = {
            key: (path[1:],) if path[0] == "=" else values_at(path, scope or self.scope)
            for key, path in keys.items()
        }
        return {key: values[0] for key, values in found.items() if values} or _NOTHING

    def _filled(self, written: str, scope: Values) -> tuple[Filled, ...]:
        return Template.of(written).fill(scope, self.place)

    def _directory_bucket(self) -> tuple[Need, ...]:
        """Return what S3 asks for where the bucket is a directory bucket, else nothing.

        Service Authorization Reference, "Amazon S3 Express": objects are reached by a session.
        """
        if not any(name.endswith(_DIRECTORY_BUCKET) for name in values_at("Bucket", self.scope)):
            return ()
        session = self.table.opens_session(self.operation)
        action = self.table.action("s3express", "CreateSession" if session else self.operation)
        bucket = "arn:{partition}:s3express:{region}:{account}:bucket/{Bucket}"
        found = self._filled(bucket, self.scope)
        return tuple(Need(action=action, resource=one.text) for one in found) if action else ()


def _kind(resource: str) -> str:
    """Return the kind of a resource as one word in lower case: `trainingjob`."""
    try:
        return Arn.parse(resource).resource_type.replace("-", "").lower()
    except ArnError:
        return ""
