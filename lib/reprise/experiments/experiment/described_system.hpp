// The row of a system whose problem is one described struct: all of it follows from the statement
// of its fields.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/experiments/experiment/methods.hpp"

namespace reprise {

/// Throws InputError for keys of these sections that the schema does not have.
void refuse_unknown_keys(const Section& root, const Schema& schema);

template <class P>
SystemRow described_system(std::string_view name) {
  return {.name = name,
          .has = [](const Settings& problem) { return problem.get_if<P>() != nullptr; },
          .sections = {P{}},
          .read = [](const Section& root, std::uint64_t) -> Settings {
            const Schema& keys = schema<P>();
            root.require(keys.section());
            refuse_unknown_keys(root, keys);
            P problem{};
            const std::string section(keys.section());
            read_fields(keys, root.subsection(section, keys_of(keys)).fields(root), &problem);
            return problem;
          },
          .write =
              [](const Settings& problem, Value& file) {
                for (auto& [path, value] :
                     write_fields(schema<P>(), problem.address(), schema<P>().section())) {
                  file.put_path(path, std::move(value));
                }
              },
          .check = [](const Settings& problem) { check(problem.get<P>()); },
          .loss = nullptr,
          .context = [](const Settings&, double) { return ComparisonContext{}; },
          .warnings = [](const Settings&) { return std::vector<std::string>{}; },
          .explain_divergence = [](const Settings&, Solution&) {},
          .squared_norms = [](const Settings&) { return Eigen::VectorXd(); }};
}

}  // namespace reprise
