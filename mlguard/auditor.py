"""audit(snapshot, checks, config) -> Report: pure, and the only place that builds findings."""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from mlguard.check import Check, Context, Evidence, Unread
from mlguard.checks.catalogue import CATALOGUE
from mlguard.config import Config
from mlguard.engine import Engine
from mlguard.report import (
    Coverage,
    Finding,
    Outcome,
    Report,
    Result,
    Subject,
    fingerprint,
    outcome_of,
)
from mlguard.resources.base import Resource
from mlguard.snapshot import Gap, GapReason, Inventory, Snapshot
from mlguard.suppression import Suppressor


def audit(
    snapshot: Snapshot,
    checks: Iterable[Check] = CATALOGUE,
    config: Config | None = None,
) -> Report:
    """Judge every resource of the snapshot by every check that applies to it.

    A check that raises is a bug of mlguard's: the error flies on, with a note that names the
    check and the resource.
    """
    config = config or Config()
    today = config.day(snapshot.taken_at.date())
    checks = tuple(checks)
    offered = tuple(check for check in checks if config.configures(check.needs_key))
    selected = tuple(check for check in offered if config.selects(check.id))
    applicable = tuple(check for check in selected if _applies(check, snapshot))
    engine = Engine(snapshot, today=today, terms=config.terms(snapshot.taken_at.date()))
    audit_run = _Run(
        inventory=Inventory(snapshot),
        config=config,
        engine=engine,
        suppressor=Suppressor(config.suppressions, today=today),
    )
    results = tuple(result for check in applicable for result in audit_run.judge_all(check))
    whole = len(selected) == len(offered)
    return Report(
        source=snapshot.source,
        identity=snapshot.identity,
        accounts=snapshot.accounts,
        regions=snapshot.regions,
        taken_at=snapshot.taken_at,
        today=today,
        operations=snapshot.operations,
        checks=applicable,
        results=results,
        gaps=_gaps(snapshot, results, None if whole else applicable),
        coverage=_coverage(offered, selected, applicable, results),
        notes=(*audit_run.suppressor.notes(), *_not_run(checks, config)),
        bill=engine.bill,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    inventory: Inventory
    config: Config
    suppressor: Suppressor
    engine: Engine
    subjects: dict[type[Resource], tuple[Subject, ...]] = field(default_factory=dict)

    def judge_all(self, check: Check) -> Iterator[Result]:
        """Yield a Result for each subject of the check, and for each Gap among its subjects."""
        context = self._context(check)
        for kind in check.on:
            gaps = self.inventory.gaps(kind)
            beside: dict[str | None, list[Gap]] = {}
            for gap in gaps:
                beside.setdefault(gap.subject, []).append(gap)
            seen: set[str] = set()
            resources = self.inventory.of(kind)
            for resource, subject in zip(resources, self._subjects_of(kind), strict=True):
                seen.add(resource.arn)
                context.met.clear()
                yield self._judge(check, resource, subject, context, beside.get(resource.arn, ()))
            for gap in gaps:
                if gap.subject not in seen:
                    yield _unread(check, kind, gap)

    def _judge(
        self,
        check: Check,
        resource: Resource,
        subject: Subject,
        context: Context,
        beside: Sequence[Gap],
    ) -> Result:
        """Judge a resource; `beside` are gaps of its ARN: it was read, but not all under it."""
        unread = [*beside]
        evidence: list[Evidence] = []
        try:
            evidence.extend(check.judge(resource, context))
        except Unread as stop:
            unread.append(stop.gap)
        except Exception as error:
            error.add_note(f"while check {check.id} judged {resource.arn}")
            raise
        if not (evidence or unread or context.met):
            return Result(check=check.id, subject=subject, outcome=Outcome.PASSED)
        gaps = _distinct((*unread, *context.met))
        standing = [seen for seen in evidence if not (seen.absence and gaps)]
        found = [_finding(check, subject, seen) for seen in standing]
        kept, suppressed = self.suppressor.divide(found)
        return Result(
            check=check.id,
            subject=subject,
            outcome=_outcome(kept, gaps),
            findings=kept,
            gaps=gaps,
            suppressed=suppressed,
        )

    def _subjects_of(self, kind: type[Resource]) -> tuple[Subject, ...]:
        """Return the resources of a kind as subjects: the same ones for every check."""
        found = self.subjects.get(kind)
        if found is None:
            found = self.subjects[kind] = tuple(map(Subject.of, self.inventory.of(kind)))
        return found

    def _context(self, check: Check) -> Context:
        return Context(
            inventory=self.inventory,
            engine=self.engine,
            policy=self.config.policy,
            budget_usd=self.config.cost.monthly_budget_usd,
            check=check,
        )


class _Quoted(dict[str, str]):
    """What fills the places of a remedy; quoted for a shell as it does, since few are in one."""

    def __getitem__(self, name: str) -> str:
        return shlex.quote(super().__getitem__(name))


def _outcome(findings: tuple[Finding, ...], gaps: tuple[Gap, ...]) -> Outcome:
    if findings:
        return Outcome.FAILED
    return Outcome.NOT_EVALUATED if gaps else Outcome.PASSED


def _finding(check: Check, subject: Subject, evidence: Evidence) -> Finding:
    names = _Quoted(
        {
            "name": subject.name,
            "arn": subject.arn,
            "account": subject.account,
            "region": subject.region,
            **evidence.values,
        }
    )
    severity = check.severity if evidence.severity is None else evidence.severity
    confidence = check.confidence if evidence.confidence is None else evidence.confidence
    return Finding(
        check=check.id,
        title=check.title,
        subject=subject,
        severity=severity,
        confidence=confidence,
        message=evidence.message,
        at=evidence.at,
        remedy=tuple(part.format_map(names) for part in check.remediation.split("`")),
        fingerprint=fingerprint(check.id, subject, evidence.locator or evidence.at),
        monthly_usd=evidence.monthly_usd,
        excerpt=evidence.excerpt,
    )


def _unread(check: Check, kind: type[Resource], gap: Gap) -> Result:
    arn = gap.subject or f"{gap.account}/{gap.region}/{kind.__name__}/*"
    name = gap.subject.rsplit("/", 1)[-1] if gap.subject else "*"
    subject = Subject(
        kind=kind.__name__, arn=arn, account=gap.account, region=gap.region, name=name
    )
    return Result(check=check.id, subject=subject, outcome=Outcome.NOT_EVALUATED, gaps=(gap,))


def _not_run(checks: Iterable[Check], config: Config) -> Iterator[str]:
    """Yield a note for each check that was asked for by name, and has nothing to hold to."""
    if config.select == Config().select:
        return
    for check in checks:
        if config.selects(check.id) and not config.configures(check.needs_key):
            yield f"{check.id} was not run: the configuration does not set {check.needs_key}"


def _applies(check: Check, snapshot: Snapshot) -> bool:
    judged = any(kind.__name__ in snapshot.covers for kind in check.on)
    return judged and all(kind.__name__ in snapshot.covers for kind in check.reads)


def _gaps(
    snapshot: Snapshot, results: tuple[Result, ...], only: tuple[Check, ...] | None
) -> tuple[Gap, ...]:
    """Return the gaps of the snapshot, of the selected checks' kinds only, and those of results.

    Where nothing at all was judged, that is a gap of its own: an empty answer is no clean one.
    """
    read = snapshot.gaps
    if only is not None:
        wanted = {kind.__name__ for check in only for kind in check.kinds}
        read = tuple(gap for gap in read if wanted.intersection(gap.kinds))
    found = _distinct((*read, *(gap for result in results for gap in result.gaps)))
    judged = any(result.outcome is not Outcome.NOT_EVALUATED for result in results)
    return found if found or judged else (_nothing(snapshot),)


def _nothing(snapshot: Snapshot) -> Gap:
    return Gap(
        kinds=(),
        account=", ".join(snapshot.accounts),
        region=", ".join(snapshot.regions),
        operation="audit",
        reason=GapReason.INCOMPLETE,
        detail="no check found a resource to judge: is this the account, region or file you meant?",
    )


def _distinct(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    return tuple(dict.fromkeys(gaps))


def _coverage(
    offered: tuple[Check, ...],
    selected: tuple[Check, ...],
    applicable: tuple[Check, ...],
    results: tuple[Result, ...],
) -> Coverage:
    by_check: dict[str, list[Result]] = {check.id: [] for check in applicable}
    for result in results:
        by_check[result.check].append(result)
    outcomes = {check_id: outcome_of(found) for check_id, found in by_check.items() if found}
    subjects = {(result.subject.kind, result.subject.arn) for result in results}
    unread = {
        (result.subject.kind, result.subject.arn)
        for result in results
        if result.outcome is Outcome.NOT_EVALUATED
    }
    chosen, judged = {check.id for check in selected}, set(by_check)
    return Coverage(
        passed=_with(outcomes, Outcome.PASSED),
        failed=_with(outcomes, Outcome.FAILED),
        not_evaluated=_with(outcomes, Outcome.NOT_EVALUATED),
        no_subject=tuple(sorted(check_id for check_id, found in by_check.items() if not found)),
        not_applicable=tuple(sorted(chosen - judged)),
        not_selected=tuple(sorted({check.id for check in offered} - chosen)),
        subjects=len(subjects),
        subjects_not_evaluated=len(unread),
    )


def _with(outcomes: dict[str, Outcome], outcome: Outcome) -> tuple[str, ...]:
    return tuple(sorted(check_id for check_id, found in outcomes.items() if found is outcome))
