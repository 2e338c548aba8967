"""Which services' resources a resource control policy limits, as AWS lists them on a day."""

from functools import cache

from mlguard.data.files import read


@cache
def rcp_services() -> frozenset[str]:
    """Return the prefixes of their actions; AWS keeps adding to them."""
    return frozenset(read("rcp_services.json")["rows"])
