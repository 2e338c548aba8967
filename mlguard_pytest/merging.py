"""The recordings of a run, merged for each role, judged, and their least policies written."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from msgspec import structs

from mlguard.errors import MlguardError, OutputError
from mlguard.iam.suggestion.suggest import Suggestion
from mlguard.reporters.escaping import printable
from mlguard.reporters.terminal_layout import Page
from mlguard.snapshot import Snapshot
from mlguard.usage.judging import Usage, judge, least_of
from mlguard.usage.recording import Recording
from mlguard_pytest.holding import Message, received
from mlguard_pytest.recording_options import RecordingOptions
from mlguard_pytest.usage_text import budget_text, number, write_usage

# What IAM lets stand in the name of a role, less what a file system may take amiss.
_SAFE: Final = "+=,@_-."
_LONG: Final = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class OfRole:
    """What was recorded of a role: its usage, or why there is none."""

    role: str
    arn: str
    messages: tuple[Message, ...]
    usage: Usage | None
    error: str
    suggestion: Suggestion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What a run says of all roles: `failures` is what the run fails with, a paragraph each."""

    roles: tuple[OfRole, ...]
    failures: tuple[str, ...]
    written: tuple[str, ...]

    def text(self, *, width: int, colour: bool) -> str:
        """Return the section at the end of a run."""
        page = Page(width)
        for role in self.roles:
            _write_role(role, page)
        for line in self.written:
            page.prose(line, hang=2)
        for failure in self.failures:
            page.blank()
            page.prose(("the run fails: ", "bold"), failure)
        return page.render(colour=colour).strip("\n")


def merged(
    data: Iterable[Mapping[str, Any]],
    options: RecordingOptions,
    *,
    source: Callable[[], Snapshot],
) -> Merged:
    """Return what the messages of a run come to, each role judged once."""
    groups: dict[tuple[str, str], list[Message]] = {}
    for one in data:
        message = received(dict(one))
        groups.setdefault((message.arn or message.role, message.policies), []).append(message)
    roles = tuple(_of_role(tuple(messages), source) for messages in groups.values())
    failures = list(_over_budget(roles, options.max_excess))
    written: list[str] = []
    if options.write_policy is not None:
        lines, errors = _written(roles, options.write_policy)
        written += lines
        failures += errors
    return Merged(roles=roles, failures=tuple(failures), written=tuple(written))


def _of_role(messages: tuple[Message, ...], source: Callable[[], Snapshot]) -> OfRole:
    first = messages[0]
    recordings = [one.recording for one in messages]
    if not first.policies:
        least = least_of(recordings) if first.arn else None
        return OfRole(
            role=first.role,
            arn=first.arn,
            messages=messages,
            usage=None,
            error=first.error,
            suggestion=least,
        )
    try:
        usage = judge(_snapshot(messages) or source(), first.arn, recordings)
    except MlguardError as error:
        return OfRole(
            role=first.role,
            arn=first.arn,
            messages=messages,
            usage=None,
            error=str(error),
            suggestion=None,
        )
    return OfRole(
        role=first.role,
        arn=first.arn,
        messages=messages,
        usage=usage,
        error="",
        suggestion=usage.suggestion,
    )


def _snapshot(messages: tuple[Message, ...]) -> Snapshot | None:
    """Return what tests with a session of their own read, put together; None if none has one."""
    own = [one.snapshot for one in messages if one.snapshot is not None]
    if not own:
        return None
    resources = {(type(one), one.arn): one for each in own for one in each.resources}
    return structs.replace(own[0], resources=tuple(resources.values()))


def _over_budget(roles: Iterable[OfRole], budget: int | None) -> Iterator[str]:
    for role in roles:
        if budget is not None and role.usage and len(role.usage.excess) > budget:
            yield budget_text(role.usage, budget)


def _write_role(role: OfRole, page: Page) -> None:
    if role.usage is not None:
        write_usage(role.usage, page)
    else:
        calls = sum(one.recording.calls for one in role.messages)
        named = printable(role.arn or role.role)
        counted = f"{number(calls, 'call')} in {number(len(role.messages), 'test')}"
        page.prose((named, "bold"), f": {counted}, {printable(role.error)}", hang=2)
    cut = _cut_off(one.recording for one in role.messages)
    if cut:
        page.prose(
            printable(f"did not come to their end, so calls may be wanting: {', '.join(cut)}"),
            indent=2,
            hang=2,
        )


def _cut_off(recordings: Iterable[Recording]) -> list[str]:
    """Return the tests that never came to their end, however often they were run."""
    ended: dict[str, bool] = {}
    for one in recordings:
        ended[one.test] = ended.get(one.test, False) or one.whole
    return [test for test, whole in ended.items() if not whole]


def _written(roles: tuple[OfRole, ...], folder: Path) -> tuple[list[str], list[str]]:
    """Write the policies; return what was written, and why others were not."""
    from mlguard.cli.output import write

    lines: list[str] = []
    errors: list[str] = []
    names = _names(roles)
    for role, name in zip(roles, names, strict=True):
        if role.suggestion is None:
            reason = role.error or "nothing was read"
            cure = "" if role.arn else ": name the role by its ARN, or give a source"
            errors.append(printable(f"{role.role}: no policy is written: {reason}{cure}"))
            continue
        try:
            folder.mkdir(parents=True, exist_ok=True)
            several = role.suggestion.policies
            for at, policy in enumerate(several, start=1):
                part = f".{at}" if len(several) > 1 else ""
                path = folder / f"{name}{part}.json"
                write(path, [policy.text.encode(), b"\n"])
                lines.append(printable(f"wrote {_shown(path)}"))
        except OSError as error:
            errors.append(printable(f"{folder}: cannot be made: {error.strerror}"))
        except OutputError as error:
            errors.append(printable(str(error)))
    return lines, errors


def _shown(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _names(roles: tuple[OfRole, ...]) -> list[str]:
    """Return a file name for each role: its own, made safe; told apart where two share one."""
    plain = [_safe(re.split(r"[/:]", role.arn or role.role)[-1]) for role in roles]
    folded = [name.casefold() for name in plain]
    return [
        name if folded.count(name.casefold()) == 1 else f"{name}.{_digest(role)}"
        for name, role in zip(plain, roles, strict=True)
    ]


def _safe(name: str) -> str:
    """Return the name with what no file name should hold in percent signs, and not too long."""
    safe = quote(name, safe=_SAFE, errors="surrogatepass")
    safe = f"%2E{safe[1:]}" if safe.startswith(".") else safe or "%"
    if len(safe) > _LONG:
        return f"{safe[:_LONG]}.{sha256(name.encode(errors='surrogatepass')).hexdigest()[:8]}"
    return safe


def _digest(role: OfRole) -> str:
    text = f"{role.arn or role.role} {role.messages[0].policies}"
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
