#include "reprise/core/schema.hpp"

#include <algorithm>
#include <cmath>

#include "reprise/core/check.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/faults.hpp"
#include "reprise/core/nearest_name.hpp"

namespace reprise {

namespace {

[[noreturn]] void blame(std::string_view where, std::string_view path, const Complaint& complaint) {
  if (complaint.rule.empty()) {
    throw InputError(std::string(where) + ": " + std::string(path) + " is missing");
  }
  reject(where, path, complaint.rule, std::string_view(complaint.got));
}

}  // namespace

Schema::Schema(std::string_view name, std::string_view section, std::string_view summary,
               std::vector<Field> fields, std::vector<Rule> rules)
    : name_(name),
      section_(section),
      summary_(summary),
      fields_(std::move(fields)),
      rules_(std::move(rules)) {}

const Field* Schema::find(std::string_view key) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [&](const Field& field) { return field.facts.key == key; });
  return found == fields_.end() ? nullptr : &*found;
}

std::string Schema::path(std::string_view key) const {
  if (section_.empty() || key.find('.') != key.npos) return std::string(key);
  return std::string(section_) + "." + std::string(key);
}

std::vector<std::string_view> keys_of(const Schema& schema) {
  std::vector<std::string_view> keys;
  for (const Field& field : schema.fields()) {
    if (field.facts.key.find('.') == std::string_view::npos) keys.push_back(field.facts.key);
  }
  return keys;
}

const Value* FieldSource::find(std::string_view key) const {
  const std::size_t dot = key.find('.');
  if (dot == key.npos) return table.find(key);
  const Value* elsewhere = document.find(key.substr(0, dot));
  return elsewhere == nullptr ? nullptr : elsewhere->find(key.substr(dot + 1));
}

std::string FieldSource::path(std::string_view key) const {
  if (section.empty() || key.find('.') != key.npos) return std::string(key);
  return key.empty() ? section : section + "." + std::string(key);
}

std::string FieldSource::origin(std::string_view key) const {
  if (const Value* value = find(key)) return value->origin;
  const std::size_t dot = key.find('.');
  const Value* elsewhere = dot == key.npos ? nullptr : document.find(key.substr(0, dot));
  return elsewhere == nullptr ? table.origin : elsewhere->origin;
}

void read_fields(const Schema& schema, const FieldSource& source, void* object,
                 const std::vector<std::string_view>& but) {
  const auto is_left_out = [&](std::string_view key) {
    return std::find(but.begin(), but.end(), key) != but.end();
  };
  Faults faults;
  for (const Field& field : schema.fields()) {
    if (is_left_out(field.facts.key)) continue;
    const Value* value = source.find(field.facts.key);
    if (value != nullptr) {
      faults.collect([&] { field.read(object, *value, source.path(field.facts.key)); });
    } else if (field.facts.is_required) {
      faults.add(source.origin(field.facts.key) + ": " + source.path(field.facts.key) +
                 " is missing");
    }
  }
  faults.throw_if_any();
  for (const Rule& rule : schema.rules()) {
    const auto complaint = rule.broken(object, &source);
    if (complaint) blame(source.origin(rule.key), source.path(rule.key), *complaint);
  }
}

std::vector<std::pair<std::string, Value>> write_fields(const Schema& schema, const void* object,
                                                        std::string_view prefix) {
  std::vector<std::pair<std::string, Value>> result;
  for (const Field& field : schema.fields()) {
    std::optional<Value> value = field.write(object);
    if (!value) continue;
    const std::string_view key = field.facts.key;
    const bool is_absolute = prefix.empty() || key.find('.') != key.npos;
    result.emplace_back(
        is_absolute ? std::string(key) : std::string(prefix) + "." + std::string(key),
        std::move(*value));
  }
  return result;
}

void check_fields(const Schema& schema, const void* object, void* scratch, std::string_view where) {
  for (const Field& field : schema.fields()) {
    std::optional<Value> value = field.write(object);
    if (!value) continue;
    set_origin(*value, std::string(where));
    field.read(scratch, *value, std::string(field.facts.key));
  }
  for (const Rule& rule : schema.rules()) {
    const auto complaint = rule.broken(object, nullptr);
    if (complaint) blame(where, rule.key, *complaint);
  }
}

void reject_text(const Value& value, const std::string& path, std::string_view why) {
  throw InputError(value.origin + ": " + path + " = \"" + value.text + "\": " + std::string(why));
}

void read_table(const Schema& schema, const Value& value, const std::string& path, void* object) {
  if (value.kind != Value::Kind::table) reject(value, path, "a section (table)");
  Faults faults;
  for (const ValueMember& member : value.members) {
    if (schema.find(member.key) != nullptr) continue;
    std::vector<std::string_view> known;
    for (const Field& field : schema.fields()) known.push_back(field.facts.key);
    faults.add(member.value.origin + ": unknown key \"" + path + "." + member.key + "\"" +
               did_you_mean(member.key, known));
  }
  faults.throw_if_any();
  read_fields(schema, {.document = value, .table = value, .section = path}, object);
}

Value write_table(const Schema& schema, const void* object) {
  Value table;
  for (auto& [key, value] : write_fields(schema, object, "")) table.put(key, std::move(value));
  return table;
}

Value example_table(const Schema& schema, const std::function<void(const Value& table)>& read) {
  Value result;
  const auto put = [](Value& table, const Field& field) {
    if (!field.examples.empty()) table.put(field.facts.key, field.examples.back());
  };
  for (const Field& field : schema.fields()) {
    if (field.facts.is_required) put(result, field);
  }
  for (const Field& field : schema.fields()) {
    Value longer = result;
    put(longer, field);
    try {
      read(longer);
      result = std::move(longer);
    } catch (const InputError&) {
      // Two that exclude each other.
    }
  }
  return result;
}

std::vector<Value> integer_examples(const Range& range) {
  std::vector<Value> result;
  const std::int64_t limits = std::numeric_limits<std::int64_t>::max();
  const std::int64_t least = std::max(range.least, -limits);
  for (const std::int64_t step : {0, 1, 2, 37}) {
    if (range.most - step >= least) result.push_back(Value::of(least + step));
  }
  if (range.most != limits) result.push_back(Value::of(range.most));
  return result;
}

std::vector<Value> number_examples(const Range& range) {
  std::vector<Value> result;
  for (const double number :
       {0.0, 1.0, 0.1, 1.0 / 3, 0.5, 1e-12, 2.5, 1e-3, -0.7, 123456.789012345, 1e300}) {
    if (range.contains(number)) result.push_back(Value::of(number));
  }
  return result;
}

}  // namespace reprise
