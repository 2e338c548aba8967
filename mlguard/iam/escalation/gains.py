"""Whether one principal may do anything that another may not."""

from enum import IntEnum

from mlguard.iam.permissions.clauses import Grant, implied
from mlguard.iam.permissions.effective import Effective, Permissions


class Gain(IntEnum):
    """Whether there is something to gain; MAYBE where policies were not read."""

    NONE = 0
    MAYBE = 1
    SURE = 2


class Gains:
    """Compares permissions; each pair once."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], bool] = {}
        # Keyed by identity; kept, so that no other takes the place of one.
        self._kept: dict[int, Permissions] = {}

    def between(self, caller: Effective, target: Effective) -> Gain:
        """Return whether the target may do what the caller may not."""
        if caller.administrator:
            return Gain.NONE
        if target.administrator or self._more(caller.permissions, target.permissions):
            return Gain.SURE
        return Gain.MAYBE if target.permissions.unread else Gain.NONE

    def _more(self, mine: Permissions, theirs: Permissions) -> bool:
        if theirs is mine:
            return False
        if theirs.actions_anywhere & ~mine.actions_anywhere:
            return True
        if not theirs.actions_anywhere & ~mine.on_all_resources:
            return False
        key = (id(mine), id(theirs))
        found = self._found.get(key)
        if found is None:
            for one in (mine, theirs):
                self._kept[id(one)] = one
            found = self._found[key] = _reaches_further(mine, theirs)
        return found


def _reaches_further(mine: Permissions, theirs: Permissions) -> bool:
    """Return whether some grant of theirs is not within what is surely mine."""
    missing = theirs.actions_anywhere & ~mine.on_all_resources
    for grant in theirs.grants:
        left = grant.mask & missing
        if left and _left_of(grant, left, mine):
            return True
    return False


def _left_of(grant: Grant, mask: int, mine: Permissions) -> int:
    """Return the actions of the grant that no grant of mine has on all of its resources."""
    for own in mine.grants:
        if own.mask & mask and _covers(own, grant):
            mask &= ~own.mask
            if not mask:
                break
    return mask


def _covers(own: Grant, grant: Grant) -> bool:
    if own.limits or not implied(own.tests, grant.tests):
        return False
    # A deny that bears on both takes the same away from both.
    cuts = {id(cut.statement) for cut in grant.cuts}
    if any(id(cut.statement) not in cuts for cut in own.cuts):
        return False
    return all(reach.covers(grant.reaches) for reach in own.reaches)
