#include "bindings.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/faults.hpp"
#include "reprise/core/stop.hpp"
#include "reprise/core/version.hpp"

namespace reprise::python {

namespace {

/// The classes of the package that errors become; they outlive the module.
struct ErrorTypes {
  py::object input, numerical, other;
};
ErrorTypes& error_types() {
  static auto* types = new ErrorTypes;
  return *types;
}

void raise(const py::object& type, const py::object& argument) {
  PyErr_SetObject(type.ptr(), type(argument).ptr());
}

void translate(std::exception_ptr failure) {  // NOLINT: as pybind11 calls it
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const CallableFailure& function) {
    translate(function.cause);
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (const InputError& error) {
    raise(error_types().input, py::cast(faults_of(error)));
  } catch (const NumericalError& error) {
    raise(error_types().numerical, py::cast(std::string(error.what())));
  } catch (const Error& error) {
    raise(error_types().other, py::cast(std::string(error.what())));
  } catch (const Stopped& stopped) {
    raise(error_types().other, py::cast(std::string(stopped.what())));
  }
}

}  // namespace

}  // namespace reprise::python

PYBIND11_MODULE(_reprise, module) {
  using namespace reprise::python;
  module.doc() = "Reprise's library; the package reprise is what people use.";
  module.def("version", [] { return std::string(reprise::version()); });
  module.def("set_error_types", [](py::object input, py::object numerical, py::object other) {
    error_types() = {std::move(input), std::move(numerical), std::move(other)};
  });
  py::register_exception_translator(&translate);
  bind_tables(module);
  bind_documents(module);
  bind_functions(module);
  bind_experiments(module);
  bind_sweeps(module);
}
