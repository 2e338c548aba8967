"""Which statements of which policies bear on a request, and how surely."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlguard.data.rcp_services import rcp_services
from mlguard.iam.evaluation.policies import NAMING, Layer, PolicySet
from mlguard.iam.evaluation.rule import Rule
from mlguard.iam.language.document import Principals
from mlguard.iam.language.principal import OUTSIDERS, Kind, Named, exempted, listed, named
from mlguard.iam.language.request import Request
from mlguard.iam.language.truth import NO, YES, Answer, Truth, doubtful, every

# Organizations User Guide, "Resource control policies (RCPs)", "Resources and entities not
# restricted by RCPs".
_RCP_EXEMPT: Final = "kms:retiregrant"
_LINKED: Final = (
    "a service-linked role by its name only: without its path in aws:PrincipalArn it is taken to "
    "be limited by service and resource control policies"
)
_TAG_KEYS: Final = ("iam:resourcetag/", "aws:resourcetag/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A statement that matches the request, or may match it."""

    layer: Layer
    # The place of its group among the groups of the policy set.
    group: int
    policy: str
    rule: Rule
    named: Named
    answer: Answer

    @property
    def sure(self) -> bool:
        """Whether nothing unknown stands between the statement and the request."""
        return self.answer.truth is Truth.TRUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """All statements that match or may match, and what was doubtful on the way."""

    found: tuple[Hit, ...]
    doubts: tuple[str, ...]
    assumptions: tuple[str, ...]


def collect(request: Request, policies: PolicySet, resource: str) -> Hits:
    """Return the statements that bear on the request, where `resource` is its resource."""
    found: list[Hit] = []
    doubts = dict.fromkeys(_of_caller(request, policies))
    assumptions: dict[str, None] = {}
    context = request.full_context
    for group, layer, policy, rule in _rules(request, policies):
        strength, naming = _naming(rule, layer, request, policies)
        if naming is NO:
            continue
        reaching = rule.reaches(resource, context, attached=layer in NAMING)
        if reaching is NO:
            continue
        assumptions.update(dict.fromkeys(_assumed(rule, request)))
        answer = every((naming, reaching, rule.conditions_hold(context)))
        doubts.update(dict.fromkeys((*answer.doubts, *_doubts(rule, layer, request))))
        if answer.truth is Truth.FALSE:
            continue
        hit = Hit(layer=layer, group=group, policy=policy, rule=rule, named=strength, answer=answer)
        found.append(hit)
    return Hits(found=tuple(found), doubts=tuple(doubts), assumptions=tuple(assumptions))


def applies(layer: Layer, request: Request) -> bool:
    """Return whether policies of the layer bear on this caller at all.

    Organizations User Guide, "SCPs" and "RCPs": neither restricts service-linked roles, and SCPs
    none but the users and roles of the account.
    """
    caller = request.caller
    if layer is Layer.SCP:
        return caller.kind not in OUTSIDERS and not request.service_linked
    if layer is Layer.RCP:
        return not request.service_linked
    if layer in (Layer.IDENTITY, Layer.BOUNDARY, Layer.SESSION):
        # The root user can have neither policies nor a boundary.
        return caller.kind not in OUTSIDERS and caller.kind is not Kind.ROOT
    return True


def _rules(request: Request, policies: PolicySet) -> Iterator[tuple[int, Layer, str, Rule]]:
    for group, (layer, carriers) in enumerate(policies.groups):
        if not applies(layer, request):
            continue
        for carrier in carriers:
            for rule in carrier.about(request.folded_action):
                yield group, layer, carrier.name, rule


def _naming(
    rule: Rule, layer: Layer, request: Request, policies: PolicySet
) -> tuple[Named, Answer]:
    """Return how the statement names the caller, and whether it does."""
    statement = rule.statement
    has_element = statement.principals is not None or statement.not_principals is not None
    if layer not in NAMING:
        # AWS takes no Principal there.
        return (Named.NOT, NO) if has_element else (Named.DIRECT, _of_layer(rule, layer, request))
    if statement.not_principals is not None:
        return Named.ANYONE, _left_out(rule, statement.not_principals, request, policies)
    if statement.principals is None:
        return Named.NOT, NO
    strength = named(request.caller, statement.principals)
    if strength is not Named.NOT:
        return strength, _of_layer(rule, layer, request)
    return strength, _if_unnamed(rule, statement.principals, request)


def _if_unnamed(rule: Rule, element: Principals, request: Request) -> Answer:
    """Return whether the statement is about a caller whom it does not name.

    IAM User Guide, "AWS JSON policy elements: Principal", "All principals": it is the same as `*`
    "for anonymous users"; of services and identity providers nothing is said. In doubt it denies,
    and allows nothing.
    """
    if request.caller.kind not in OUTSIDERS:
        doubt = "a canonical user ID may be the caller's account"
        return doubtful(Truth.FALSE, doubt) if element.canonical else NO
    if not element.anyone:
        return NO
    doubt = 'whether {"AWS": "*"} is about services and identity providers too is unclear'
    return doubtful(Truth.FALSE if rule.allows else Truth.UNKNOWN, doubt)


def _of_layer(rule: Rule, layer: Layer, request: Request) -> Answer:
    """Return whether a control policy that says so limits such a request."""
    if layer not in (Layer.SCP, Layer.RCP) or rule.allows:
        return YES
    if request.service_linked is None:
        return doubtful(Truth.UNKNOWN, _LINKED)
    if layer is Layer.SCP:
        return YES
    service = request.folded_action.partition(":")[0]
    if service in rcp_services():
        return NO if request.folded_action == _RCP_EXEMPT else YES
    # AWS's list of services grows.
    return doubtful(Truth.UNKNOWN, f"whether resource control policies reach {service} is unclear")


def _left_out(rule: Rule, element: Principals, request: Request, policies: PolicySet) -> Answer:
    """Return whether a statement with NotPrincipal is about the caller.

    IAM User Guide, "NotPrincipal": it is for Deny only, never in trust policies, and a Deny takes
    in every principal that has a permissions boundary, listed or not.
    """
    caller = request.caller
    if not rule.allows and policies.boundaries and caller.kind not in OUTSIDERS:
        return YES
    if listed(caller, element) if rule.allows else exempted(caller, element):
        return NO
    doubt = None
    if rule.allows:
        doubt = "Allow with NotPrincipal: AWS does not support it; it may let all others in"
    elif request.folded_action.startswith("sts:assumerole"):
        doubt = "NotPrincipal in a trust policy: AWS does not support it"
    elif listed(caller, element):
        doubt = "NotPrincipal lists the caller but not all of its account, role and session"
    return doubtful(Truth.UNKNOWN, doubt) if doubt else YES


def _of_caller(request: Request, policies: PolicySet) -> Iterator[str]:
    if request.service_linked is None and (policies.scps or policies.rcps):
        yield _LINKED


def _doubts(rule: Rule, layer: Layer, request: Request) -> Iterator[str]:
    if layer is not Layer.IDENTITY or request.folded_action != "iam:passrole":
        return
    if any(test.key.startswith(_TAG_KEYS) for test in rule.tests):
        yield "iam:PassRole under a tag of the role: AWS documents it as unreliable"


def _assumed(rule: Rule, request: Request) -> Iterator[str]:
    if request.caller.kind is not Kind.SESSION or request.context.values("aws:principalarn"):
        return
    if any(test.key == "aws:principalarn" for test in rule.tests):
        yield "the role of the session is taken to have no path in aws:PrincipalArn"
