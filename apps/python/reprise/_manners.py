"""Progress, interruption and warnings: what runs have in common."""
import sys
import warnings

_interrupted = None


class Bar:
    """A progress bar: tqdm's in terminals and notebooks where it is installed, else a line of text.

    Called with (text, fraction) from the thread that asked for the run.
    """

    def __init__(self):
        self._bar = None
        try:
            with warnings.catch_warnings():  # of a notebook without widgets, where the bar is text
                warnings.simplefilter("ignore")
                from tqdm.auto import tqdm

            self._bar = tqdm(total=1.0, bar_format="{desc} {percentage:3.0f}%|{bar}| {elapsed}", leave=False)
        except ImportError:
            pass

    def __call__(self, text, fraction):
        if self._bar is None:
            sys.stderr.write(f"\r{text} {100 * fraction:3.0f} %")
            sys.stderr.flush()
            return
        self._bar.set_description_str(text, refresh=False)
        self._bar.n = round(fraction, 3)
        self._bar.refresh()

    def close(self):
        if self._bar is not None:
            self._bar.close()
        else:
            sys.stderr.write("\r\x1b[K")


class progress_of:
    """Of an argument `progress`: True a bar, a function itself, False or None nothing."""

    def __init__(self, progress):
        self._progress = progress

    def __enter__(self):
        if self._progress is True:
            self._progress = Bar()
        return self._progress if callable(self._progress) else None

    def __exit__(self, *error):
        if isinstance(self._progress, Bar):
            self._progress.close()


def interrupt(exception, partial):
    """Raises what ended a run, with what was finished."""
    global _interrupted
    _interrupted = partial
    exception.partial = partial
    raise exception


def interrupted():
    """What the last run that was interrupted had finished; None where there is nothing.

    Ctrl-C and the stop button of a notebook raise KeyboardInterrupt, whose `.partial` is the same: the Results of the
    curves that were finished, or the Dataset of the points of a sweep that were.
    """
    return _interrupted


class RepriseWarning(UserWarning):
    """Legal but likely not meant, or what a reader of a curve must know."""


def warn(sentences):
    for sentence in sentences:
        warnings.warn(sentence, RepriseWarning, stacklevel=4)
