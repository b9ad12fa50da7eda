#include "callables.hpp"

#include <pybind11/numpy.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <variant>
#include <vector>

#include "reprise/core/error.hpp"

namespace reprise::python {

namespace {

/// An object that may be let go by any thread.
std::shared_ptr<const py::object> shared(py::object object) {
  return {new py::object(std::move(object)), [](const py::object* held) {
            const py::gil_scoped_acquire interpreter;
            delete held;
          }};
}

std::string shape_text(const py::array& array) {
  std::string text = "(";
  for (py::ssize_t d = 0; d < array.ndim(); ++d) {
    text += (d > 0 ? ", " : "") + std::to_string(array.shape(d));
  }
  return text + (array.ndim() == 1 ? ",)" : ")");
}

/// Calls `act` with the interpreter's lock; what it throws becomes a CallableFailure, which nothing
/// on its way takes for a failure of its own.
template <class Act>
void with_interpreter(const Act& act) {
  const py::gil_scoped_acquire interpreter;
  try {
    act();
  } catch (...) {
    throw CallableFailure{std::current_exception()};
  }
}

/// A copy that the function may keep or change.
py::array_t<double> array_of(std::span<const double> numbers) {
  return py::array_t<double>(static_cast<py::ssize_t>(numbers.size()), numbers.data());
}

/// (n,) for each field.
py::tuple columns_of(const SampleColumns& z) {
  py::tuple columns(z.n_fields());
  for (std::size_t r = 0; r < z.n_fields(); ++r) columns[r] = array_of(z[r]);
  return columns;
}

/// (n, k)
py::array matrix_of(const SampleColumns& z) {
  py::array_t<double, py::array::f_style> fields(
      {static_cast<py::ssize_t>(z.n_samples()), static_cast<py::ssize_t>(z.n_fields())});
  for (std::size_t r = 0; r < z.n_fields(); ++r) {
    std::copy_n(z[r].data(), z.n_samples(), fields.mutable_data() + r * z.n_samples());
  }
  return fields;
}

[[noreturn]] void reject_result(const std::string& what, const std::string& rule,
                                const std::string& got) {
  throw InputError(what + " must return " + rule + ", got " + got);
}

/// The numbers that a function returned for n samples.
void take(const py::object& result, const std::string& what, std::span<double> out) {
  const std::string rule =
      "an array of real numbers of shape (" + std::to_string(out.size()) + ",)";
  const py::array any = py::array::ensure(result);
  if (!any) {
    PyErr_Clear();
    reject_result(what, rule, std::string(py::repr(result)));
  }
  constexpr std::string_view real_kinds = "fiub";
  if (real_kinds.find(any.dtype().kind()) == real_kinds.npos) {
    reject_result(what, rule, "dtype " + std::string(py::str(any.dtype())));
  }
  if (any.ndim() != 1 || any.shape(0) != static_cast<py::ssize_t>(out.size())) {
    reject_result(what, rule, "shape " + shape_text(any));
  }
  const auto numbers = py::array_t<double, py::array::c_style | py::array::forcecast>::ensure(any);
  if (!numbers) throw py::error_already_set();
  std::copy_n(numbers.data(), out.size(), out.data());
}

template <class Signature>
Signature* function_at(const py::object& address) {
  return reinterpret_cast<Signature*>(address.cast<std::uintptr_t>());  // NOLINT: what it is
}

bool is_address(const py::object& function) { return py::isinstance<py::int_>(function); }

TargetCallable::Function target_values(const py::object& function, bool takes_columns,
                                       const std::string& what) {
  if (is_address(function)) {
    using Compiled = void(std::int64_t, std::int64_t, const double*, double*);
    auto* compiled = function_at<Compiled>(function);
    return [compiled](const SampleColumns& z, std::span<double> y) {
      std::vector<double> fields;
      fields.reserve(z.n_fields() * z.n_samples());
      for (std::size_t r = 0; r < z.n_fields(); ++r) {
        fields.insert(fields.end(), z[r].begin(), z[r].end());
      }
      compiled(static_cast<std::int64_t>(y.size()), static_cast<std::int64_t>(z.n_fields()),
               fields.data(), y.data());
    };
  }
  return
      [held = shared(function), takes_columns, what](const SampleColumns& z, std::span<double> y) {
        with_interpreter([&] {
          take(takes_columns ? (*held)(*columns_of(z)) : (*held)(matrix_of(z)), what, y);
        });
      };
}

Activation::ChunkFunction activation_values(const py::object& function, const std::string& what) {
  if (is_address(function)) {
    using Compiled = void(std::int64_t, const double*, double*);
    auto* compiled = function_at<Compiled>(function);
    return [compiled](std::span<const double> h, std::span<double> out) {
      compiled(static_cast<std::int64_t>(out.size()), h.data(), out.data());
    };
  }
  return [held = shared(function), what](std::span<const double> h, std::span<double> out) {
    with_interpreter([&] { take((*held)(array_of(h)), what, out); });
  };
}

LossCallable::Function loss_values(const py::object& function, const std::string& what) {
  if (is_address(function)) {
    using Compiled = void(std::int64_t, const double*, const double*, double*);
    auto* compiled = function_at<Compiled>(function);
    return [compiled](std::span<const double> f, std::span<const double> y, std::span<double> out) {
      compiled(static_cast<std::int64_t>(out.size()), f.data(), y.data(), out.data());
    };
  }
  return [held = shared(function), what](std::span<const double> f, std::span<const double> y,
                                         std::span<double> out) {
    with_interpreter([&] { take((*held)(array_of(f), array_of(y)), what, out); });
  };
}

}  // namespace

TargetFunction target_from(const py::dict& callable) {
  TargetCallable result{
      .n_variables = callable["k"].cast<int>(),
      .values = target_values(callable["values"], callable["columns"].cast<bool>(), "target"),
      .name = callable["name"].cast<std::string>()};
  if (!callable["polynomial"].is_none()) {
    result.polynomial =
        Expression::parse(callable["polynomial"].cast<std::string>()).as_polynomial();
    if (!result.polynomial) {
      throw InputError("target: polynomial must be a formula that is one, got \"" +
                       callable["polynomial"].cast<std::string>() + "\"");
    }
  }
  return TargetFunction(std::move(result));
}

Activation activation_from(const py::dict& callable) {
  return Activation::custom(callable["name"].cast<std::string>(),
                            activation_values(callable["values"], "activation"),
                            activation_values(callable["slopes"], "slope of the activation"));
}

Loss loss_from(const py::dict& callable) {
  const auto kind = callable["slope_kind"].cast<std::string>();
  return Loss::custom({.value = loss_values(callable["values"], "loss"),
                       .slope = loss_values(callable["slopes"], "slope of the loss"),
                       .name = callable["name"].cast<std::string>(),
                       .slope_kind = kind == "residual" ? LossSlope::residual
                                     : kind == "label"  ? LossSlope::label
                                                        : LossSlope::other});
}

Callables callables_from(const py::dict& callables) {
  Callables result;
  const auto each = [&](const char* kind, const auto& lend) {
    for (const py::handle one : callables[kind]) {
      const auto callable = py::reinterpret_borrow<py::dict>(one);
      // The function's own address, or that of the compiled one.
      const py::object function = callable["values"];
      const void* const origin = is_address(function)
                                     ? reinterpret_cast<const void*>(function_at<void()>(function))
                                     : function.ptr();
      lend(callable, origin);
    }
  };
  each("targets", [&](const py::dict& callable, const void* origin) {
    result.targets.push_back({target_from(callable), origin});
  });
  each("activations", [&](const py::dict& callable, const void* origin) {
    result.activations.push_back({activation_from(callable), origin});
  });
  each("losses", [&](const py::dict& callable, const void* origin) {
    result.losses.push_back({loss_from(callable), origin});
  });
  return result;
}

}  // namespace reprise::python
