"""Whether a role may do something: yes, no, or under conditions, which is neither."""

from dataclasses import dataclass

from mlguard.access import Answer
from mlguard.iam.permissions.ability import Access
from mlguard.reporters.escaping import printable
from mlguard_pytest.doubt import NotEvaluatedError, gap_in_words


@dataclass(frozen=True, slots=True, repr=False)
class Ability:
    """The answer to `role.can(...)`; as a truth value it is yes or no.

    Where it is neither, because it hangs on conditions or on what was not read, to take it for
    one raises NotEvaluatedError. `answer` has all the grounds.
    """

    answer: Answer

    @property
    def allowed(self) -> bool:
        """Whether it is allowed on all of the resources, unconditionally."""
        return self.answer.access is Access.ALLOWED

    @property
    def denied(self) -> bool:
        """Whether it is allowed on none of them, whatever the request is."""
        return self.answer.access is Access.DENIED

    @property
    def conditional(self) -> bool:
        """Whether it is neither."""
        return self.answer.access is Access.CONDITIONAL

    @property
    def reasons(self) -> tuple[str, ...]:
        """What the answer rests and hangs on, a line each."""
        answer = self.answer
        grounds = (f"{one.policy}[{one.sid or one.index}]" for one in answer.grounds)
        hangs = (f"{'unless' if one.denies else 'if'} {one.text}" for one in answer.provisos)
        gaps = map(gap_in_words, answer.gaps)
        return tuple(map(printable, (*grounds, *hangs, *answer.doubts, *answer.notes, *gaps)))

    def __bool__(self) -> bool:
        __tracebackhide__ = True
        if self.conditional or self.answer.gaps:
            raise NotEvaluatedError(f"neither yes nor no: {self!r}")
        return self.allowed

    def __repr__(self) -> str:
        answer = self.answer
        who = answer.principal.rpartition("/")[2]
        said = f"{who} {answer.action} on {answer.resource}: {answer.access.value}"
        return printable(f"<{said}; {'; '.join(self.reasons)}>" if self.reasons else f"<{said}>")
