"""The pytest plugin: `pytest --mlguard` audits an account, one test for each check and resource.

In tests of one's own stand the fixtures `mlguard`, `mlguard_session`, `mlguard_moto`, and

    from mlguard_pytest import assert_cannot, assert_least_privilege

Installed, it changes nothing until `--mlguard`, the ini file or a test asks; loaded, it imports
pytest and the standard library alone. What it judges, it leaves to `mlguard`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mlguard_pytest.assertions import (
        assert_cannot,
        assert_least_privilege,
        assert_not_administrator,
    )
    from mlguard_pytest.costs import assert_monthly_cost_below
    from mlguard_pytest.doubt import NotEvaluatedError
    from mlguard_pytest.facade import Mlguard
    from mlguard_pytest.scaling import assert_scales

__all__ = [
    "Mlguard",
    "NotEvaluatedError",
    "assert_cannot",
    "assert_least_privilege",
    "assert_monthly_cost_below",
    "assert_not_administrator",
    "assert_scales",
]

_HOMES: Final = {
    "Mlguard": "mlguard_pytest.facade",
    "NotEvaluatedError": "mlguard_pytest.doubt",
    "assert_cannot": "mlguard_pytest.assertions",
    "assert_least_privilege": "mlguard_pytest.assertions",
    "assert_monthly_cost_below": "mlguard_pytest.costs",
    "assert_not_administrator": "mlguard_pytest.assertions",
    "assert_scales": "mlguard_pytest.scaling",
}


def __getattr__(name: str) -> object:
    """Return a public name from the module that defines it (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'mlguard_pytest' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
