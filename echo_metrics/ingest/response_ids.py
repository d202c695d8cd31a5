"""What tells one response from another: the tool's own id, or what it says."""

from __future__ import annotations

import hashlib
import json
from collections import Counter

from echo_metrics.ingest.records import Issue, Parsed, Submission


def external_ids(parsed: Parsed) -> list[str]:
    """One id for each submission, in order: the tool's where they are stable and distinct, else its content with an
    occurrence number, as two anonymous people can answer alike. Repeated ids are told in the file's issues."""
    submissions = parsed.submissions
    given = [s.external_id for s in submissions]
    if parsed.stable_ids and all(given) and len(set(given)) == len(given):
        return given
    if parsed.stable_ids and len(set(given)) < len(given):
        doubled = [i for i, n in Counter(given).items() if n > 1]
        parsed.account.issues.append(
            Issue(
                "repeated_id",
                f"{len(doubled)} response ids occur more than once; rows are told apart by their content instead.",
            )
        )
    seen: Counter[str] = Counter()
    ids = []
    for submission in submissions:
        digest = content_hash(submission)
        ids.append(f"row:{digest}:{seen[digest]}")
        seen[digest] += 1
    return ids


def content_hash(submission: Submission) -> str:
    """A digest of everything a response says, to tell unchanged rows of a later export from changed ones."""
    content = [
        submission.event,
        submission.group,
        str(submission.submitted),
        str(submission.complete),
        sorted(submission.fields.items()),
        sorted((a.question, a.raw) for a in submission.answers),
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:24]
