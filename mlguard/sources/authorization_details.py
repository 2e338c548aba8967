"""The JSON of `aws iam get-account-authorization-details`: an account's IAM, read from a file."""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Required, TypedDict

import msgspec
from msgspec import Meta

from mlguard.errors import FileError
from mlguard.iam.language.arn import Arn, account_of
from mlguard.resources.base import GLOBAL, Resource
from mlguard.resources.iam import Group, ManagedPolicy, Role, User
from mlguard.snapshot import Gap, GapReason, Snapshot, ordered
from mlguard.sources.authorization_members import Members
from mlguard.sources.base import Home
from mlguard.sources.doubled import refuse_doubled
from mlguard.sources.readers import iam as readers

KINDS: Final[tuple[type[Resource], ...]] = (Group, ManagedPolicy, Role, User)

SOURCE: Final = "authorization-details"
_CURE: Final = "is it the output of `aws iam get-account-authorization-details --output json`?"
_READ_AGAIN: Final = "run `aws iam get-account-authorization-details` again, whole"

# AWS answers with all four, whatever the filter was.
_LISTS: Final[dict[str, type[Resource]]] = {
    "RoleDetailList": Role,
    "UserDetailList": User,
    "GroupDetailList": Group,
    "Policies": ManagedPolicy,
}

# What msgspec says of a text that goes on after its first value.
_MORE: Final = re.compile(r"trailing characters \(byte (\d+)\)")
_PLACE: Final = re.compile(r"\(byte (\d+)\)")

Instant = Annotated[datetime, Meta(tz=True)]

# AWS's own shapes. Of a policy document, msgspec.Raw keeps the very text: one that is no policy
# harms its own principal and no other, as does one that is missing (and in a TypedDict msgspec
# reads Raw only where the key is not required).


class _Inline(TypedDict, total=False):
    PolicyName: Required[str]
    PolicyDocument: msgspec.Raw


class _Attached(TypedDict):
    PolicyName: str
    PolicyArn: str


class _Boundary(TypedDict):
    PermissionsBoundaryArn: str


class _Tag(TypedDict):
    Key: str
    Value: str


class _LastUsed(TypedDict, total=False):
    LastUsedDate: Instant
    Region: str


class _Profile(TypedDict):
    Arn: str


class _Principal(TypedDict, total=False):
    Arn: Required[str]
    Path: Required[str]
    CreateDate: Required[Instant]
    AttachedManagedPolicies: list[_Attached]
    PermissionsBoundary: _Boundary
    Tags: list[_Tag]


class _Role(_Principal, total=False):
    RoleName: Required[str]
    RoleId: Required[str]
    AssumeRolePolicyDocument: msgspec.Raw
    RolePolicyList: list[_Inline]
    InstanceProfileList: list[_Profile]
    RoleLastUsed: _LastUsed


class _User(_Principal, total=False):
    UserName: Required[str]
    UserId: Required[str]
    UserPolicyList: list[_Inline]
    GroupList: list[str]


class _Group(_Principal, total=False):
    GroupName: Required[str]
    GroupId: Required[str]
    GroupPolicyList: list[_Inline]


class _Version(TypedDict, total=False):
    VersionId: Required[str]
    Document: msgspec.Raw


class _Policy(TypedDict, total=False):
    Arn: Required[str]
    PolicyId: Required[str]
    Path: Required[str]
    DefaultVersionId: Required[str]
    PolicyVersionList: Required[list[_Version]]
    AttachmentCount: int
    Description: str | None


class _Page(TypedDict, total=False):
    RoleDetailList: list[_Role]
    UserDetailList: list[_User]
    GroupDetailList: list[_Group]
    Policies: list[_Policy]
    IsTruncated: bool
    NextToken: str


# Policies are parsed by themselves, as strictly: one that is bad harms its principal alone.
_DOCUMENTS: Final = frozenset({"AssumeRolePolicyDocument", "Document", "PolicyDocument"})


class AuthorizationDetails:
    """A Source: the bytes of such a file, whole or as pages one after another."""

    def __init__(self, text: bytes, *, name: str, taken_at: datetime) -> None:
        self._text = text
        self._name = name
        self._taken_at = taken_at

    def collect(self) -> Snapshot:
        """Return the account's IAM; raises FileError naming file, place and cure."""
        pages = tuple(_pages(_utf_8(self._text, self._name), self._name))
        found = _Found()
        for key, kind, read in (
            ("RoleDetailList", Role, readers.role),
            ("UserDetailList", User, readers.user),
            ("GroupDetailList", Group, readers.group),
        ):
            found.read(kind, _entries(pages, key), read)
        used = readers.in_use(found.resources)
        found.read(
            ManagedPolicy,
            _entries(pages, "Policies"),
            lambda raw, home: readers.managed_policy_in_use(raw, home, used),
        )
        accounts = tuple(sorted(found.accounts - {"", readers.AWS}))
        return Snapshot(
            source=SOURCE,
            taken_at=self._taken_at,
            accounts=accounts,
            regions=(GLOBAL,),
            covers=tuple(sorted(kind.__name__ for kind in KINDS)),
            resources=ordered(found.resources),
            gaps=(*_missing(pages, ",".join(accounts), self._name), *found.gaps),
        )


class _Found:
    """What was read so far, and what could not be."""

    def __init__(self) -> None:
        self.resources: list[Any] = []
        self.gaps: list[Gap] = []
        self.accounts: set[str] = set()
        self._homes: dict[tuple[str, str], Home] = {}

    def read(
        self,
        kind: type[Resource],
        entries: Iterable[Mapping[str, Any]],
        read: Callable[[Mapping[str, Any], Home], Resource | None],
    ) -> None:
        """Keep what `read` makes of each entry; what it cannot read is a Gap with that ARN."""
        for at, raw in enumerate(entries):
            try:
                resource = read(raw, self._home(raw["Arn"]))
            except (KeyError, TypeError, ValueError) as error:
                self.gaps.append(_unread(kind, account_of(raw["Arn"]), at, raw["Arn"], error))
                continue
            if resource is not None:
                self.resources.append(resource)

    def _home(self, text: str) -> Home:
        arn = Arn.parse(text)
        key = (arn.partition, arn.account)
        home = self._homes.get(key)
        if home is None:
            self.accounts.add(arn.account)
            home = Home(account=arn.account, region=GLOBAL, partition=arn.partition)
            self._homes[key] = home
        return home


def _unread(kind: type[Resource], account: str, at: int, subject: str, error: Exception) -> Gap:
    key = next(key for key, of in _LISTS.items() if of is kind)
    return Gap(
        kinds=(kind.__name__,),
        account=account,
        region=GLOBAL,
        operation=f"{key}[{at}]",
        reason=GapReason.INVALID,
        detail=f"{type(error).__name__}: {error}",
        subject=subject,
    )


def _missing(pages: Iterable[_Page], account: str, name: str) -> Iterator[Gap]:
    """Yield a Gap for what the file does not hold although the account may have it."""
    *_, last = pages
    if last.get("IsTruncated") or last.get("NextToken"):
        yield Gap(
            kinds=tuple(kind.__name__ for kind in KINDS),
            account=account,
            region=GLOBAL,
            operation=name,
            reason=GapReason.INCOMPLETE,
            detail=f"IsTruncated: the answer goes on after this page; {_READ_AGAIN}",
        )
    for key, kind in _LISTS.items():
        if not any(key in page for page in pages):
            yield Gap(
                kinds=(kind.__name__,),
                account=account,
                region=GLOBAL,
                operation=name,
                reason=GapReason.INCOMPLETE,
                detail=f"{key} is missing; {_READ_AGAIN}",
            )


def _entries(pages: Iterable[_Page], key: str) -> Iterator[Mapping[str, Any]]:
    for page in pages:
        entries: Iterable[Mapping[str, Any]] = page.get(key, ())  # type: ignore[assignment]  # a key of _LISTS
        yield from entries


def _utf_8(text: bytes, name: str) -> bytes:
    """Return the text without what PowerShell's `>` adds: a mark in front, or UTF-16."""
    if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return text.decode("utf-16").encode()
        except UnicodeDecodeError as error:
            raise FileError(f"{name}: is cut at byte {error.start}; {_READ_AGAIN}") from error
    return text.removeprefix(codecs.BOM_UTF8)


def _pages(text: bytes, name: str) -> Iterator[_Page]:
    """Yield the pages that stand one after another in the text; usually it is one."""
    if not text.strip():
        raise FileError(f"{name}: is empty; {_CURE}")
    decoder = msgspec.json.Decoder(_Page)
    usual = msgspec.json.Decoder(Members)
    start = 0
    while start < len(text):
        try:
            page, end = _page(decoder, text, start)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise FileError(f"{name}: {_fault(error, start, len(text))}") from error
        if not _LISTS.keys() & page.keys():
            raise FileError(f"{name}: has none of {', '.join(_LISTS)}; {_CURE}")
        refuse_doubled(text[start:end], name, but=_DOCUMENTS, usual=usual)
        yield page
        start = end


def _page(decoder: msgspec.json.Decoder[_Page], text: bytes, start: int) -> tuple[_Page, int]:
    """Return the page that begins at `start`, and where the next one does."""
    whole = memoryview(text)
    try:
        return decoder.decode(whole[start:]), len(text)
    except msgspec.DecodeError as error:
        more = _MORE.search(str(error))
        # msgspec counts this byte from one.
        end = text.find(b"{", start + int(more[1]) - 1) if more else -1
        if end < 0:
            raise
    return decoder.decode(whole[start:end]), end


def _fault(error: Exception, start: int, length: int) -> str:
    """Return what is wrong, where, and the cure, in one line."""
    said = str(error)
    if isinstance(error, msgspec.ValidationError):
        what, _, path = said.partition(" - at `$")
        return f"{path.rstrip('`').lstrip('.') or '$'}: {what}; {_CURE}"
    if isinstance(error, UnicodeDecodeError):
        return f"is not UTF-8 text; {_CURE}"
    if isinstance(error, RecursionError):
        return f"is nested too deeply; {_CURE}"
    if "truncated" in said:
        return f"is cut at byte {length}; {_READ_AGAIN}"
    place = _PLACE.search(said)
    return f"is not JSON at byte {start + int(place[1]) if place else start}; {_CURE}"
