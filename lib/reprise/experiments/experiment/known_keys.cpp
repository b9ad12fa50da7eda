#include "reprise/experiments/experiment/known_keys.hpp"

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "reprise/core/nearest_name.hpp"
#include "reprise/experiments/document/vocabulary.hpp"
#include "reprise/experiments/experiment/key_groups.hpp"
#include "reprise/experiments/experiment/methods.hpp"

namespace reprise {

namespace {

struct KnownKey {
  std::string_view section;  ///< empty: the top of the file
  std::string_view key;
  std::string_view aliases = {};
  const KeyGroup* group = nullptr;  ///< none at the top

  bool is_called(std::string_view name) const {
    const std::string padded = " " + std::string(aliases) + " ";
    return !name.empty() && padded.find(" " + std::string(name) + " ") != padded.npos;
  }
};

std::vector<KnownKey> list_keys(const std::vector<KeyGroup>& groups) {
  std::vector<KnownKey> keys;
  for (const Key& key : vocabulary::root) keys.push_back({.section = "", .key = key.name});
  for (const KeyGroup& group : groups) {
    for (const Field* field : group.fields()) {
      const auto& [path, aliases] = std::pair(field->facts.key, field->facts.aliases);
      const std::size_t dot = path.find('.');
      const bool is_own = dot == path.npos;
      keys.push_back({.section = is_own ? std::string_view(group.section) : path.substr(0, dot),
                      .key = is_own ? path : path.substr(dot + 1),
                      .aliases = aliases,
                      .group = &group});
    }
  }
  return keys;
}

std::span<const KnownKey> all_keys() {
  static const std::vector<KeyGroup> groups = experiment_keys();
  static const std::vector<KnownKey> keys = list_keys(groups);
  return keys;
}

/// What the file chooses; empty where that cannot be told, or does not matter.
struct Choice {
  std::string_view system = {}, algorithm = {}, method = {};

  bool allows(const KnownKey& key) const {
    const auto fits = [](std::string_view needed, std::string_view chosen) {
      return needed.empty() || chosen.empty() || needed == chosen;
    };
    const KeyGroup* group = key.group;
    return group == nullptr || (fits(group->system, system) && fits(group->algorithm, algorithm) &&
                                fits(group->method, method));
  }
};

std::string_view text_in(const DocumentValue* table, std::string_view key) {
  const DocumentValue* value = table == nullptr ? nullptr : table->find(key);
  return value == nullptr ? std::string_view() : std::string_view(value->text);
}

Choice choice_of(const DocumentValue& document) {
  Choice choice{.system = text_in(&document, "system"),
                .algorithm = text_in(document.find("training"), "algorithm")};
  if (choice.system.empty()) choice.system = system_rows().front().name;
  const std::vector<std::string_view> algorithms = algorithm_names(choice.system);
  if (choice.algorithm.empty() && !algorithms.empty()) choice.algorithm = algorithms.front();
  return choice;
}

template <class Holds>
const KnownKey* first_key(const Holds& holds) {
  const auto found = std::ranges::find_if(all_keys(), holds);
  return found == all_keys().end() ? nullptr : &*found;
}

template <class Holds>
const KnownKey* near_key(std::string_view name, const Holds& holds) {
  std::vector<std::string_view> names;
  for (const KnownKey& key : all_keys()) {
    if (holds(key)) names.push_back(key.key);
  }
  const std::string_view near = near_name(name, names);
  if (near.empty()) return nullptr;
  return first_key([&](const KnownKey& key) { return key.key == near && holds(key); });
}

/// What an unknown key of a section is meant to be; nullptr where nobody could tell.
const KnownKey* meant_by(std::string_view section, std::string_view name, const Choice& choice) {
  using K = const KnownKey&;
  const auto is_here = [&](K key) { return key.section == section; };
  const auto goes = [&](K key) { return choice.allows(key); };
  const auto is_it = [&](K key) { return key.key == name; };
  const auto is_called_so = [&](K key) { return key.is_called(name); };
  const auto is_elsewhere = [&](K key) { return !is_here(key); };
  const KnownKey* found =
      first_key([&](K key) { return is_here(key) && goes(key) && is_called_so(key); });
  if (!found) found = first_key([&](K key) { return goes(key) && is_it(key); });
  if (!found) found = near_key(name, [&](K key) { return is_here(key) && goes(key); });
  if (!found) found = near_key(name, is_here);
  if (!found) found = first_key([&](K key) { return goes(key) && is_called_so(key); });
  if (!found) found = first_key([&](K key) { return is_called_so(key) || is_it(key); });
  if (!found) found = near_key(name, [&](K key) { return is_elsewhere(key) && goes(key); });
  return found;
}

std::string written_section(const KnownKey& key) {
  if (key.section.empty()) return "at the top of the file";
  const std::string section(key.section);
  return section == "curve" ? "in [[curve]]" : "in [" + section + "]";
}

class KeyCheck {
 public:
  KeyCheck(const DocumentValue& document, Faults& faults)
      : document_(document), faults_(faults), choice_(choice_of(document_)) {
    for (const KnownKey& key : all_keys()) {
      if (!key.section.empty()) sections_.insert(std::string(key.section));
    }
    // Sections that are missing are added while others are looked at, which must not move.
    document_.members.reserve(document_.members.size() + sections_.size() + all_keys().size());
  }

  DocumentValue result() && {
    move_unknown("", document_, choice_);
    choice_ = choice_of(document_);
    for (const std::string& section : sections_) {
      DocumentValue* table = document_.find(section);
      if (table == nullptr) continue;
      if (section != "curve") {
        move_unknown(section, *table, choice_);
        continue;
      }
      for (std::size_t c = 0; c < document_.find("curve")->items.size(); ++c) {
        DocumentValue& curve = document_.find("curve")->items[c];
        move_unknown(section, curve, of_curve(curve));
      }
    }
    return std::move(document_);
  }

 private:
  Choice of_curve(const DocumentValue& curve) const {
    Choice choice = choice_;
    choice.method = text_in(&curve, "method");
    return choice;
  }

  void move_unknown(std::string_view section, DocumentValue& table, const Choice& choice) {
    if (table.kind != DocumentValue::Kind::table) return;
    std::vector<DocumentMember> unknown;
    std::erase_if(table.members, [&](const DocumentMember& member) {
      const bool is_known = first_key(
          [&](const KnownKey& key) { return key.section == section && key.key == member.key; });
      if (!is_known) unknown.push_back(member);
      return !is_known;
    });
    for (DocumentMember& member : unknown) {
      const bool is_section = section.empty() && member.value.kind == DocumentValue::Kind::table;
      const KnownKey* meant = meant_by(section, member.key, choice);
      if (is_section && meant != nullptr && !meant->section.empty()) meant = nullptr;
      faults_.add(sentence(section, member, meant, choice));
      // What goes with another algorithm would be refused a second time where it is read.
      const bool is_taken =
          meant != nullptr && (meant->section == "curve" || choice.allows(*meant));
      if (is_taken) place(*meant, table, section, std::move(member.value));
    }
  }

  static std::string sentence(std::string_view section, const DocumentMember& member,
                              const KnownKey* meant, const Choice& choice) {
    std::string text = member.value.origin + ": unknown key \"" +
                       (section.empty() ? "" : std::string(section) + ".") + member.key + "\"";
    const std::string of_section(meant == nullptr ? section : meant->section);
    if (meant != nullptr) {
      text += ", did you mean " + std::string(meant->key);
      if (meant->section != section) text += " " + written_section(*meant);
      text += "?";
      if (section == "curve" && !meant->section.empty() && meant->section != section) {
        text += " For this curve alone: set = { \"" + std::string(meant->section) + "." +
                std::string(meant->key) + "\" = .. }.";
      }
      if (!choice.allows(*meant)) text += " It goes with " + meant->group->applies_to() + ".";
    } else {
      text += ";";
    }
    return text + " `reprise keys" + (of_section.empty() ? "" : " " + of_section) + "` lists them";
  }

  /// Where nobody has put it already.
  void place(const KnownKey& key, DocumentValue& table, std::string_view section,
             DocumentValue value) {
    const auto put = [&](DocumentValue& there) {
      if (there.kind == DocumentValue::Kind::table && there.find(key.key) == nullptr) {
        there.put(key.key, std::move(value));
      }
    };
    if (key.section == section) return put(table);
    if (key.section.empty()) return put(document_);
    DocumentValue* there = document_.find(key.section);
    if (key.section == "curve") {
      for (std::size_t c = 0; there != nullptr && c < there->items.size(); ++c) {
        const bool takes = first_key([&](const KnownKey& known) {
          return known.section == "curve" && known.key == key.key &&
                 of_curve(there->items[c]).allows(known);
        });
        if (takes && there->items[c].find(key.key) == nullptr) there->items[c].put(key.key, value);
      }
      return;
    }
    if (there == nullptr) {
      DocumentValue made;
      made.origin = value.origin;
      document_.put(key.section, std::move(made));
      there = document_.find(key.section);
    }
    put(*there);
  }

  DocumentValue document_;
  Faults& faults_;
  Choice choice_;
  std::set<std::string> sections_;
};

}  // namespace

DocumentValue with_known_keys(const DocumentValue& document, Faults& faults) {
  return KeyCheck(document, faults).result();
}

}  // namespace reprise
