#include "values.hpp"

#include <algorithm>
#include <cstring>

#include "reprise/core/error.hpp"

namespace reprise::python {

namespace {

Value integer_from(py::handle object, const std::string& path) {
  int overflow = 0;
  const long long integer = PyLong_AsLongLongAndOverflow(object.ptr(), &overflow);
  if (overflow != 0) {
    throw InputError(path + " must be an integer of at most 64 bits, got " +
                     std::string(py::str(object)));
  }
  return Value::of(static_cast<std::int64_t>(integer));
}

Value table_from(const py::dict& dict, const std::string& origin, const std::string& path) {
  Value table;
  for (const auto& item : dict) {
    if (!py::isinstance<py::str>(item.first)) {
      throw InputError(origin + ": " + path + " must be a dictionary of texts, got the key " +
                       std::string(py::repr(item.first)));
    }
    const auto key = item.first.cast<std::string>();
    if (item.second.is_none()) continue;  // left out
    table.put(key, value_from(item.second, origin, path == "value" ? key : path + "." + key));
  }
  return table;
}

Value list_from_sequence(const py::sequence& sequence, const std::string& origin,
                         const std::string& path) {
  std::vector<Value> items;
  for (const auto& item : sequence) items.push_back(value_from(item, origin, path));
  return Value::of(std::move(items));
}

Value bare_value_from(py::handle object, const std::string& origin, const std::string& path) {
  if (py::isinstance<py::bool_>(object)) return Value::of(object.cast<bool>());
  if (py::isinstance<py::int_>(object)) return integer_from(object, path);
  if (py::isinstance<py::float_>(object)) return Value::of(object.cast<double>());
  if (py::isinstance<py::str>(object)) return Value::of(object.cast<std::string>());
  if (py::isinstance<py::dict>(object)) {
    return table_from(py::reinterpret_borrow<py::dict>(object), origin, path);
  }
  if (py::isinstance<py::list>(object) || py::isinstance<py::tuple>(object)) {
    return list_from_sequence(py::reinterpret_borrow<py::sequence>(object), origin, path);
  }
  if (py::hasattr(object, "tolist")) {  // arrays and numpy's scalars
    return bare_value_from(object.attr("tolist")(), origin, path);
  }
  throw InputError(origin + ": " + path +
                   " must be a number, text, list, array or dictionary, got " +
                   std::string(py::repr(object)));
}

}  // namespace

Value value_from(py::handle object, const std::string& origin, const std::string& path) {
  Value value = bare_value_from(object, origin, path);
  set_origin(value, origin);
  return value;
}

py::str text_from(std::string_view text) { return py::str(text.data(), text.size()); }

py::dict dict_from(const Value& table) {
  py::dict result;
  for (const ValueMember& member : table.members) {
    result[text_from(member.key)] = object_from(member.value);
  }
  return result;
}

py::object object_from(const Value& value) {
  switch (value.kind) {
    case Value::Kind::boolean:
      return py::bool_(value.boolean);
    case Value::Kind::integer:
      return py::int_(value.integer);
    case Value::Kind::real:
      return py::float_(value.real);
    case Value::Kind::text:
    case Value::Kind::date:
      return text_from(value.text);
    case Value::Kind::table:
      return dict_from(value);
    case Value::Kind::array: {
      py::list items;
      for (const Value& item : value.items) items.append(object_from(item));
      return items;
    }
  }
  return py::none();
}

py::array_t<double> rows_array(const Eigen::Ref<const Eigen::MatrixXd>& rows,
                               std::vector<py::ssize_t> shape) {
  shape.insert(shape.begin(), rows.rows());
  py::array_t<double> array(shape);
  double* out = array.mutable_data();
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    for (Eigen::Index j = 0; j < rows.cols(); ++j) *out++ = rows(i, j);
  }
  return array;
}

py::array_t<double> array_from(const Eigen::Ref<const Eigen::MatrixXd>& matrix) {
  return rows_array(matrix, {matrix.cols()});
}

}  // namespace reprise::python
