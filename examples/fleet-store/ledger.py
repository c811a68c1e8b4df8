"""Which seqs of one log are stored: everything up to `contiguous`, and ranges after it.

A gap that the gateway announced counts as stored. Should its content come all the same (it had been
published before the gateway died), it is taken: the content of a seq is worth more than its absence.
Pure; memory is bounded by RANGES_MAX.
"""

from bisect import bisect_left, bisect_right

RANGES_MAX = 65536
GAPS_MAX = 10000  # that are known by heart; content of older ones counts as a duplicate

NEW, DUPLICATE, LATE, NO_ROOM = range(4)


class Ledger:
    def __init__(self, contiguous=0, ranges=(), gaps=()):
        """`ranges` and `gaps`: (first, last), in order; gaps may lie anywhere."""
        self.contiguous = contiguous
        self._firsts, self._lasts = [], []
        self._gaps = sorted(gaps)[-GAPS_MAX:]
        for first, last in sorted([*ranges, *(g for g in gaps if g[1] > contiguous)]):
            self._cover(max(first, contiguous + 1), last)

    @property
    def highest(self):
        return self._lasts[-1] if self._lasts else self.contiguous

    @property
    def first_hole(self):
        """The seqs that hold up `contiguous`; None: nothing came after them yet."""
        return (self.contiguous + 1, self._firsts[0] - 1) if self._firsts else None

    def missing(self):
        """How many seqs below the highest one are still to come."""
        stored = sum(last - first + 1 for first, last in zip(self._firsts, self._lasts))
        return self.highest - self.contiguous - stored

    def add(self, seq):
        """A seq whose content is to be stored now, unless the answer is DUPLICATE or NO_ROOM."""
        if seq == self.contiguous + 1 and not self._firsts:
            self.contiguous = seq
            return NEW
        if self._is_covered(seq):
            return LATE if self._leave_gap(seq) else DUPLICATE
        if len(self._firsts) >= RANGES_MAX and not self._touches(seq):
            return NO_ROOM
        self._cover(seq, seq)
        return NEW

    def add_gap(self, first, last):
        """The parts of the range that are not covered yet; they are from now on."""
        parts, at = [], max(first, self.contiguous + 1)
        for i in range(bisect_left(self._lasts, at), len(self._firsts)):
            if self._firsts[i] > last:
                break
            if self._firsts[i] > at:
                parts.append((at, self._firsts[i] - 1))
            at = self._lasts[i] + 1
        if at <= last:
            parts.append((at, last))
        for part in parts:
            self._cover(*part)
            self._gaps.insert(bisect_left(self._gaps, part), part)
        del self._gaps[:-GAPS_MAX]
        return parts

    def begin_after(self, seq):
        """Nothing up to `seq` is wanted."""
        if seq > self.contiguous:
            self._cover(self.contiguous + 1, seq)

    def _is_covered(self, seq):
        if seq <= self.contiguous:
            return True
        i = bisect_right(self._firsts, seq) - 1
        return i >= 0 and seq <= self._lasts[i]

    def _touches(self, seq):
        i = bisect_right(self._firsts, seq) - 1
        return (
            seq == self.contiguous + 1
            or (i >= 0 and seq == self._lasts[i] + 1)
            or (i + 1 < len(self._firsts) and seq == self._firsts[i + 1] - 1)
        )

    def _cover(self, first, last):
        """Joins with whatever it touches."""
        i = bisect_left(self._lasts, first - 1)
        k = bisect_right(self._firsts, last + 1)
        if i < k:
            first, last = min(first, self._firsts[i]), max(last, self._lasts[k - 1])
        self._firsts[i:k], self._lasts[i:k] = [first], [last]
        if self._firsts[0] <= self.contiguous + 1:
            self.contiguous = max(self.contiguous, self._lasts[0])
            del self._firsts[0], self._lasts[0]

    def _leave_gap(self, seq):
        """Whether it was in a gap, which it leaves."""
        i = bisect_right(self._gaps, (seq, float("inf"))) - 1
        if i < 0 or not self._gaps[i][0] <= seq <= self._gaps[i][1]:
            return False
        first, last = self._gaps[i]
        self._gaps[i : i + 1] = [g for g in ((first, seq - 1), (seq + 1, last)) if g[0] <= g[1]]
        return True
