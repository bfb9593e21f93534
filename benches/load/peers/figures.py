"""Scores and labels in, figures out. Equal scores count half."""

from bisect import bisect_left, bisect_right


def auc(scores: list[float], spam: list[bool]) -> float:
    ham = sorted(score for score, is_spam in zip(scores, spam) if not is_spam)
    wins = sum(bisect_left(ham, s) + bisect_right(ham, s) for s, is_spam in zip(scores, spam) if is_spam)
    return wins / 2 / len(ham) / sum(spam)


def recall_at(share: float, scores: list[float], spam: list[bool]) -> float:
    """The share of spam above a cut that at most this share of honest comments is above."""
    ham = sorted((score for score, is_spam in zip(scores, spam) if not is_spam), reverse=True)
    cut = ham[int(len(ham) * share)]
    return sum(score > cut for score, is_spam in zip(scores, spam) if is_spam) / sum(spam)
