#include "bindings.hpp"
#include "reprise/core/quantity.hpp"
#include "reprise/experiments/experiment/described_system.hpp"
#include "reprise/experiments/experiment/key_groups.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/experiments/experiment/problem_keys.hpp"
#include "reprise/experiments/key_table.hpp"

namespace reprise::python {

namespace {

py::dict dict_from(const KeyGroup& group, const Field& field) {
  const Value* fallback = group.default_of(field.facts.key);
  py::dict result;
  result["key"] = text_from(field.facts.key);
  result["type"] = field.type;
  result["values"] = values_of(field);
  result["meaning"] = text_from(field.facts.meaning);
  result["symbol"] = text_from(field.facts.symbol);
  result["unit"] = text_from(field.facts.unit);
  result["aliases"] = text_from(field.facts.aliases);
  result["otherwise"] = text_from(field.facts.otherwise);
  result["is_required"] = field.facts.is_required;
  result["default"] = fallback == nullptr ? py::none() : object_from(*fallback);
  py::list examples;
  for (const Value& example : field.examples) examples.append(object_from(example));
  result["examples"] = examples;
  return result;
}

py::dict dict_from(const KeyGroup& group) {
  py::dict result;
  result["name"] = text_from(group.schema->name());
  result["section"] = group.section;
  result["is_list"] = group.is_list();
  result["summary"] = text_from(group.schema->summary());
  result["system"] = text_from(group.system);
  result["algorithm"] = text_from(group.algorithm);
  result["method"] = text_from(group.method);
  result["engine"] = text_from(group.engine);
  py::list fields;
  for (const Field* field : group.fields()) fields.append(dict_from(group, *field));
  result["fields"] = fields;
  return result;
}

py::dict dict_from(const Settings& settings, const std::vector<std::string_view>& without = {}) {
  KeyGroup group =
      key_group(std::string(settings.schema()->section()), *settings.schema(), settings.address());
  group.without = without;
  return dict_from(group);
}

py::list systems() {
  py::list result;
  for (const SystemRow& row : system_rows()) {
    py::dict system;
    system["name"] = text_from(row.name);
    py::list sections;
    for (const Settings& section : row.sections) sections.append(dict_from(section));
    system["sections"] = sections;
    system["has_loss"] = row.loss != nullptr;
    result.append(system);
  }
  return result;
}

py::list algorithms() {
  py::list result;
  for (const AlgorithmRow& row : algorithm_rows()) {
    py::dict algorithm;
    algorithm["system"] = text_from(row.system);
    algorithm["name"] = text_from(row.name);
    algorithm["has_steps"] = row.has_steps;
    algorithm["keys"] = dict_from(row.defaults);
    result.append(algorithm);
  }
  return result;
}

py::list methods() {
  py::list result;
  for (const MethodRow& row : method_rows()) {
    py::dict method;
    method["system"] = text_from(row.system);
    method["algorithm"] = text_from(row.algorithm);
    method["name"] = text_from(row.method);
    method["engine"] = text_from(row.engine);
    method["role"] = text_from(name(row.role));
    method["keys"] = dict_from(row.defaults, row.without);
    result.append(method);
  }
  return result;
}

py::list quantities() {
  py::list result;
  for (const QuantityRow& row : quantity_rows()) {
    py::dict quantity;
    quantity["name"] = text_from(row.name);
    quantity["rows"] = text_from(row.rows);
    quantity["cols"] = text_from(row.cols);
    quantity["first"] = row.first;
    quantity["panel"] = text_from(row.panel);
    quantity["is_error"] = row.is_error;
    result.append(quantity);
  }
  return result;
}

py::dict table() {
  py::dict result;
  result["systems"] = systems();
  result["algorithms"] = algorithms();
  result["methods"] = methods();
  result["quantities"] = quantities();
  py::list groups;
  for (const KeyGroup& group : key_groups()) groups.append(dict_from(group));
  result["groups"] = groups;
  result["duration"] = dict_from(Settings(DurationKey{}));
  result["training"] = dict_from(Settings(TrainingKeys{}));
  return result;
}

/// The fields of a struct read as those of a file are, and written back: numbers as the file format
/// has them. Only those that were given. A rule over several keys is checked where all of them are.
py::dict checked(const Settings& defaults, const py::dict& given, const std::string& origin,
                 const std::vector<std::string_view>& without) {
  const Schema& keys = *defaults.schema();
  Value document;
  set_origin(document, origin);
  for (const auto& item : given) {
    const std::string path = keys.path(item.first.cast<std::string>());
    document.put_path(path, value_from(item.second, origin, path));
    document.find(path.substr(0, path.find('.')))->origin = origin;
  }
  Value nothing;
  nothing.origin = origin;
  const Value* own = document.find(keys.section());
  const FieldSource source{.document = document,
                           .table = own == nullptr ? nothing : *own,
                           .section = std::string(keys.section())};
  Settings scratch = defaults;
  read_fields(keys, source, scratch.address(), without);
  py::dict result;
  for (const Field& field : keys.fields()) {
    const py::str key = text_from(field.facts.key);
    if (!given.contains(key)) continue;
    const std::optional<Value> written = field.write(scratch.address());
    // What has several spellings (an enumeration, a schedule) keeps the one that was given.
    result[key] = written ? object_from(*written) : py::object(given[key]);
  }
  return result;
}

/// kind  "system" with the number of the section, "algorithm", "method": the rows of table()
py::dict check_keys(const std::string& kind, std::size_t row, std::size_t section,
                    const py::dict& given, const std::string& origin) {
  if (kind == "algorithm") return checked(algorithm_rows()[row].defaults, given, origin, {});
  if (kind == "method") {
    return checked(method_rows()[row].defaults, given, origin, method_rows()[row].without);
  }
  if (kind == "duration") return checked(DurationKey{}, given, origin, {});
  return checked(system_rows()[row].sections[section], given, origin, {});
}

/// The sections of a problem read whole, with every check of the reader.
void check_problem(std::size_t system, const py::dict& document, const std::string& origin,
                   const py::dict& callables) {
  const CallableScope lent(callables_from(callables));
  const SystemRow& row = system_rows()[system];
  const Value value = value_from(document, origin);
  const Section root(value, "", vocabulary::root);
  row.check(row.read(root, 1));
}

}  // namespace

void bind_tables(py::module_& module) {
  module.def("table", &table,
             "The systems, algorithms, methods, quantities and keys that there are.");
  module.def("check_keys", &check_keys, py::arg("kind"), py::arg("row"), py::arg("section"),
             py::arg("given"), py::arg("origin"));
  module.def("check_problem", &check_problem, py::arg("system"), py::arg("document"),
             py::arg("origin"), py::arg("callables"));
}

}  // namespace reprise::python
