"""What Reprise raises."""
import re

__all__ = ["Error", "InputError", "NumericalError"]

_SENTENCE = re.compile(
    r"(?:(?P<origin>.+?): )?(?P<key>[^\s:]+|\S+\[[^\]]*\]) must (?:be|return) (?P<rule>.*), got (?P<value>.*)", re.S)
_MISSING = re.compile(r"(?:(?P<origin>.+?): )?(?P<key>\S+) is missing")
_UNKNOWN = re.compile(r"(?:(?P<origin>.+?): )?unknown key \"?(?P<key>[^\s\"]+)\"?")


class Error(Exception):
    """Everything that Reprise raises on purpose."""


class InputError(Error, ValueError):
    """The caller or a file is wrong: shape, range, missing or unknown key; raised before work starts.

    faults   list of str, a sentence for each thing that is wrong
    origin   where it was written: "mine.toml:12", or the class that was called; None where it is not known
    key      what is wrong: "training.learning_rate"; None where the sentence names none
    rule     what it must be: "finite and > 0"; None as well
    value    what it was, as text; None as well
    Of several faults these are of the first.
    """

    def __init__(self, faults):
        self.faults = [faults] if isinstance(faults, str) else list(faults)
        super().__init__("\n".join(self.faults))
        self.origin = self.key = self.rule = self.value = None
        for pattern in (_SENTENCE, _MISSING, _UNKNOWN):
            match = pattern.match(self.faults[0]) if self.faults else None
            if match:
                self.origin, self.key = match["origin"], match["key"]
                if pattern is _SENTENCE:
                    self.rule, self.value = match["rule"], match["value"].split("\n")[0]
                elif pattern is _MISSING:
                    self.rule = "given"
                break

    def __reduce__(self):
        return type(self), (self.faults,)


class NumericalError(Error, ArithmeticError):
    """A computation that had to succeed did not; see `Solution.require_completed`."""
