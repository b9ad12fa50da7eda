// Solutions as dictionaries of arrays, and back.
#pragma once

#include "reprise/core/solution.hpp"
#include "values.hpp"

namespace reprise::python {

/// {"step" (T), "time" (T), "series": [{"quantity", "value" (T, ..), "se" (T, ..) or None}], ..}
py::dict dict_from(const Solution& solution);
Solution solution_from(const py::dict& solution);

}  // namespace reprise::python
