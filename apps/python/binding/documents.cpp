#include "bindings.hpp"
#include "reprise/experiments/document/document.hpp"
#include "reprise/experiments/document/override.hpp"
#include "reprise/experiments/experiment/catalogue.hpp"
#include "reprise/experiments/experiment/experiment_template.hpp"
#include "reprise/experiments/key_table.hpp"

namespace reprise::python {

namespace {

py::list catalogue(const std::string& data) {
  py::list result;
  for (const ShippedGroup& group : shipped_experiments(data)) {
    for (const ShippedExperiment& one : group.experiments) {
      py::dict row;
      row["name"] = one.name;
      row["title"] = one.title;
      row["is_sweep"] = one.is_sweep;
      row["group"] = group.title;
      row["file"] = one.file.string();
      result.append(row);
    }
  }
  return result;
}

py::dict with_override(const py::dict& document, const std::string& assignment) {
  Value value = value_from(document, "experiment");
  apply_override(value, assignment);
  return dict_from(value);
}

py::dict with_value(const py::dict& document, const std::string& path, const py::object& value) {
  Value table = value_from(document, "experiment");
  set_value(table, path, value_from(value, "experiment", path));
  return dict_from(table);
}

}  // namespace

void bind_documents(py::module_& module) {
  module.def("parse_toml", [](const std::string& text, const std::string& source) {
    return dict_from(parse_toml(text, source));
  });
  module.def("parse_json", [](const std::string& text, const std::string& source) {
    return dict_from(parse_json(text, source));
  });
  module.def("toml_text", [](const py::dict& document) {
    return toml_text(value_from(document, "experiment"));
  });
  module.def("with_override", &with_override);
  module.def("with_value", &with_value);
  module.def("read_text_file", [](const std::string& path) { return read_text_file(path); });
  module.def("catalogue", &catalogue);
  module.def("find_experiment", [](const std::string& name, const std::string& data) {
    return find_experiment(name, data).string();
  });
  module.def("citation",
             [](const std::string& name, const std::string& data) { return citation(name, data); });
  module.def("experiment_template", &experiment_template);
  module.def("key_text", &key_text);
}

}  // namespace reprise::python
