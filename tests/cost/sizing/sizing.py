"""The sizing of the one variant of the one endpoint in a snapshot."""

from mlguard.cost.assumptions import Traffic
from mlguard.cost.hosted import Hosted
from mlguard.cost.sizing.hosting import Sizing, sizings
from mlguard.cost.sizing.option import Kind, Option
from mlguard.resources.hosting import Endpoint
from mlguard.resources.kinds import AnyResource
from mlguard.snapshot import Inventory
from tests.builders.account import snapshot
from tests.cost.estimating import terms


def all_sizings(*resources: AnyResource, traffic: Traffic | None = None) -> tuple[Sizing, ...]:
    """Return every sizing; traffic is that of the endpoint called breeds."""
    under = terms() if traffic is None else terms(breeds=traffic)
    hosted = Hosted(Inventory(snapshot(*resources)), under)
    (endpoint,) = hosted.inventory.of(Endpoint)
    return tuple(sizings(endpoint, hosted))


def sized(*resources: AnyResource, traffic: Traffic | None = None) -> Sizing:
    """Return the only sizing."""
    (one,) = all_sizings(*resources, traffic=traffic)
    return one


def option(sizing: Sizing, what: str) -> Option:
    """Return the option of that name."""
    (one,) = [option for option in sizing.options if option.what == what]
    return one


def of_kind(sizing: Sizing, kind: Kind) -> tuple[Option, ...]:
    """Return the options of a kind, in order."""
    return tuple(option for option in sizing.options if option.kind is kind)
