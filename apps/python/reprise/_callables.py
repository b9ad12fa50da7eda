"""Functions of your own as targets, activations and losses."""
import ctypes
import inspect
import itertools

import numpy as np

from . import _reprise
from ._errors import InputError

__all__ = ["TargetFunction", "Activation", "Loss", "Compiled"]

_numbers = itertools.count(1)


class Compiled:
    """A compiled function by its address, called without the interpreter in the loop.

    function   int, the address; a function of ctypes; or what has `.address`, as numba's @cfunc
    keep       anything that must live as long as the address does

    Its C signature, where n is the number of samples of a chunk and all arrays are contiguous:

        target       void f(int64_t n, int64_t k, const double* z, double* y)    z[r*n + i]: z_(r+1) of sample i
        activation   void f(int64_t n, const double* h, double* out)             value and slope each
        loss         void f(int64_t n, const double* f, const double* y, double* out)

    It is called from several threads at once and must fill every number of its last argument from the same sample's
    numbers alone. Nothing checks that the address is that of such a function: another one ends the process.

    >>> from numba import cfunc, types, carray                               # doctest: +SKIP
    >>> @cfunc(types.void(types.int64, types.int64, types.CPointer(types.double), types.CPointer(types.double)))
    ... def product(n, k, z, y):                                             # doctest: +SKIP
    ...     for i in range(n):
    ...         y[i] = z[i] * z[n + i]
    >>> Target(Compiled(product), k=2)                                       # doctest: +SKIP
    """

    def __init__(self, function, keep=None):
        self.function = function
        self.keep = keep
        if isinstance(function, (int, np.integer)) and not isinstance(function, bool):
            self.address = int(function)
        elif isinstance(function, ctypes._CFuncPtr):
            self.address = ctypes.cast(function, ctypes.c_void_p).value
        elif hasattr(function, "address"):
            self.address = int(function.address)
        else:
            raise InputError("Compiled: function must be an address, a function of ctypes or one with .address, "
                             f"got {function!r}")
        if not self.address:
            raise InputError("Compiled: function must be the address of a function, got 0")

    def __repr__(self):
        return f"Compiled({self.function!r})"

    def __eq__(self, other):
        return isinstance(other, Compiled) and self.address == other.address

    def __hash__(self):
        return hash(self.address)

    def __reduce__(self):
        raise TypeError("a compiled function has an address in this process only and cannot be pickled")


def _called(function, where, what):
    """What the library calls: the function itself, or its address."""
    if isinstance(function, Compiled):
        return function.address
    if callable(function):
        return function
    raise InputError(f"{where}: {what} must be a function of arrays, got {function!r}")


def _checked_name(where, name):
    if name is None:
        return None
    if not isinstance(name, str) or not name or any(c in name for c in "\"\\\n") or len(name) > 80:
        raise InputError(f"{where}: name must be a text of 1 to 80 characters without quotes, got {name!r}")
    return name


class _Named:
    """What has a name that its author vouches for, or none and then one that only this process knows."""

    _fields = ()

    def _set(self, **values):
        for key, value in values.items():
            object.__setattr__(self, key, value)
        object.__setattr__(self, "_text_name", self.name or f"unnamed {next(_numbers)}")

    def __setattr__(self, key, value):
        raise AttributeError(f"{type(self).__name__} does not change; make another one")

    @property
    def is_named(self):
        """Whether it may stand in files."""
        return self.name is not None

    def _text(self):
        return f'callable "{self._text_name}"'

    def _values(self):
        return tuple(getattr(self, field) for field in self._fields)

    def __eq__(self, other):
        return type(self) is type(other) and self._values() == other._values()

    def __hash__(self):
        return hash((type(self), self._values()))

    def __repr__(self):
        first, *rest = self._fields
        defaults = inspect.signature(type(self)).parameters
        parts = [_function_text(getattr(self, first))]
        for field in rest:
            value = getattr(self, field)
            if value != defaults[field].default:
                parts.append(f"{field}={_function_text(value)}")
        return f"{type(self).__name__}({', '.join(parts)})"

    def __getstate__(self):
        return dict(zip(self._fields, self._values()))

    def __setstate__(self, state):
        self._set(**state)


def _function_text(value):
    name = getattr(value, "__qualname__", None)
    if callable(value) and name:
        module = getattr(value, "__module__", None)
        return name if module in (None, "__main__", "builtins") else f"{module}.{name}"
    return repr(value)


def _n_parameters(function):
    """How many arrays a function takes by position: a number, None for *args, 1 where it does not say."""
    if isinstance(function, np.ufunc):
        return function.nin
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 1
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return None
    return sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty for p in parameters)


class TargetFunction(_Named):
    """g(z) as a function of arrays.

    function    g(z1, .., zk) of k arrays of shape (n,) each, or, where `k` is given and it takes one argument, g(z) of
                an array of shape (n, k). Returns real numbers of shape (n,), sample by sample: the label of a sample may
                depend on that sample alone. It is called with chunks of any n, from several threads one after the
                other, and for the tails of labels at |z| of 10 to 30. A `Compiled` function as well.
    k           number of variables, 1 to 256; left out where the arguments tell
    name        stands for it in files and stored sweeps; you vouch that it is always the same function
    polynomial  the formula in z1, z2, .. that g is, where it is a polynomial: opens closed forms; checked to 1e-9

    Raises InputError for what is not of that shape, with the shape or dtype that was returned; what the function raises
    comes out with its traceback.

    >>> TargetFunction(lambda z1, z2: np.sign(z1 * z2)).k
    2
    """

    _fields = ("function", "k", "name", "polynomial")

    def __init__(self, function, k=None, name=None, polynomial=None):
        where = "Target"
        _called(function, where, "expression")
        if isinstance(function, Compiled):
            if k is None:
                raise InputError(f"{where}: k must be given for a compiled function, got None")
            n_parameters = 0
        else:
            n_parameters = _n_parameters(function)
        if k is None:
            if n_parameters is None or n_parameters == 0:
                raise InputError(f"{where}: k must be given for a function of *args, got None")
            k, columns = n_parameters, True
        else:
            if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or not 1 <= k <= 256:
                raise InputError(f"{where}: k must be an integer from 1 to 256, got {k!r}")
            columns = n_parameters is None or (n_parameters == k and k > 1)
            if not columns and n_parameters not in (0, 1):
                raise InputError(f"{where}: k must be {n_parameters}, the number of arguments, or the function must "
                                 f"take one array of shape (n, k), got {k}")
        self._set(function=function, k=int(k), name=_checked_name(where, name), polynomial=polynomial)
        object.__setattr__(self, "_columns", columns)

    def __setstate__(self, state):
        self.__init__(**state)

    def _spec(self):
        return {"name": self._text_name, "k": self.k, "values": _called(self.function, "Target", "expression"),
                "columns": self._columns, "polynomial": self.polynomial}

    def __call__(self, z):
        """g of samples z, (n, k) or for k = 1 also (n,); returns (n,)."""
        return evaluate_target(self, z)


def evaluate_target(expression, z):
    z = np.asarray(z, dtype=float)
    if z.ndim == 1:
        z = z[:, None]
    if z.ndim != 2:
        raise InputError(f"Target: z must be of shape (n, k), got shape {z.shape}")
    spec = expression if isinstance(expression, str) else expression._spec()
    return _reprise.evaluate_target(spec, np.ascontiguousarray(z.T))


def _check_value_and_slope(kind, value, slope, name, check_text, meaning_of_slope):
    """A name of the file format alone, or a function with its slope."""
    if isinstance(value, str):
        if slope is not None or name is not None:
            raise InputError(f"{kind}: slope must be left out where value is a name of the file format, got one")
        check_text(value)
        return
    _called(value, kind, "value")
    if slope is None:
        raise InputError(f"{kind}: slope must be given, {meaning_of_slope} as a function of arrays, got None")
    _called(slope, kind, "slope")


class Activation(_Named):
    """sigma as functions of arrays.

    value   sigma(h) of an array of shape (n,), to real numbers of shape (n,); or a name of the file format: "relu"
    slope   sigma'(h), the same; needed unless `value` is a name
    name    stands for it in files and stored sweeps; you vouch that it is always the same function

    Both are called with chunks of any n, from several threads; a `Compiled` function as well.
    Raises InputError like `TargetFunction`.

    >>> float(Activation("relu")(np.array([2.0]))[0])
    2.0
    >>> swish = Activation(lambda h: h / (1 + np.exp(-h)),
    ...                    lambda h: (1 + np.exp(-h) * (1 + h)) / (1 + np.exp(-h)) ** 2, name="swish")
    """

    _fields = ("value", "slope", "name")

    def __init__(self, value, slope=None, name=None):
        _check_value_and_slope("Activation", value, slope, name, _reprise.check_activation, "the derivative")
        self._set(value=value, slope=slope, name=_checked_name("Activation", name))

    def _spec(self):
        if isinstance(self.value, str):
            return self.value
        return {"name": self._text_name, "values": _called(self.value, "Activation", "value"),
                "slopes": _called(self.slope, "Activation", "slope")}

    def __call__(self, h):
        """sigma(h), of the shape of h."""
        h = np.asarray(h, dtype=float)
        return _reprise.evaluate_activation(self._spec(), np.ravel(h))[0].reshape(h.shape)

    def derivative(self, h):
        """sigma'(h), of the shape of h."""
        h = np.asarray(h, dtype=float)
        return _reprise.evaluate_activation(self._spec(), np.ravel(h))[1].reshape(h.shape)


class Loss(_Named):
    """l(f, y) as functions of arrays.

    value       l(f, y) of outputs and labels of shape (n,), to shape (n,); or a name of the file format: "huber(1.0)"
    slope       dl/df, the same; needed unless `value` is a name
    name        stands for it in files and stored sweeps; you vouch that it is always the same function
    slope_kind  "residual" where the slope is f - y, "label" where it is -y: opens closed forms; else "other"

    Raises InputError like `TargetFunction`.

    >>> absolute = Loss(lambda f, y: abs(f - y), lambda f, y: np.sign(f - y))
    """

    _fields = ("value", "slope", "name", "slope_kind")

    def __init__(self, value, slope=None, name=None, slope_kind="other"):
        _check_value_and_slope("Loss", value, slope, name, _reprise.check_loss, "dl/df")
        if slope_kind not in ("residual", "label", "other"):
            raise InputError(f'Loss: slope_kind must be one of "residual", "label", "other", got {slope_kind!r}')
        self._set(value=value, slope=slope, name=_checked_name("Loss", name), slope_kind=slope_kind)

    def _spec(self):
        if isinstance(self.value, str):
            return self.value
        return {"name": self._text_name, "values": _called(self.value, "Loss", "value"),
                "slopes": _called(self.slope, "Loss", "slope"), "slope_kind": self.slope_kind}

    def __call__(self, f, y):
        """(l, dl/df) of outputs f and labels y, (n,) each."""
        return _reprise.evaluate_loss(self._spec(), np.ravel(np.asarray(f, float)), np.ravel(np.asarray(y, float)))


def lent(document):
    """The document with texts in place of functions, and these as the library takes them."""
    found = {"targets": {}, "activations": {}, "losses": {}}
    kinds = {TargetFunction: "targets", Activation: "activations", Loss: "losses"}

    def text_of(value):
        if isinstance(value, _Named):
            spec = value._spec()
            if isinstance(spec, str):
                return spec
            known = found[kinds[type(value)]].setdefault(value._text(), spec)
            if known["values"] is not spec["values"] and known["values"] != spec["values"]:
                raise InputError(f"experiment: name must be that of one function, got another {value._text()}")
            return value._text()
        if isinstance(value, dict):
            return {key: text_of(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [text_of(item) for item in value]
        return value

    plain = text_of(document)
    return plain, {kind: list(specs.values()) for kind, specs in found.items()}


def unnamed(document, path=""):
    """Paths of the functions in it that have no name."""
    if isinstance(document, _Named):
        return [path] if not isinstance(document._spec(), str) and not document.is_named else []
    if isinstance(document, dict):
        return [p for key, item in document.items() for p in unnamed(item, f"{path}.{key}" if path else key)]
    if isinstance(document, (list, tuple)):
        return [p for item in document for p in unnamed(item, path)]
    return []


def refuse_unnamed(document, where):
    paths = unnamed(document)
    if paths:
        raise InputError(f"{where}: {paths[0]} must be a text, or a function with a name, to stand in a file, "
                         "got a function without a name")
