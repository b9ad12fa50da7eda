#include "reprise/model/expression_symbols.hpp"

#include <algorithm>
#include <array>

namespace reprise {

namespace {

constexpr std::array<Symbol, 15> functions = {{{"sin", Operation::sin},
                                               {"cos", Operation::cos},
                                               {"tan", Operation::tan},
                                               {"exp", Operation::exp},
                                               {"log", Operation::log},
                                               {"sqrt", Operation::sqrt},
                                               {"abs", Operation::abs},
                                               {"sign", Operation::sign},
                                               {"step", Operation::step},
                                               {"tanh", Operation::tanh},
                                               {"erf", Operation::erf},
                                               {"relu", Operation::relu},
                                               {"sigmoid", Operation::sigmoid},
                                               {"min", Operation::min},
                                               {"max", Operation::max}}};

// The longer of two that start alike stands first.
constexpr std::array<Symbol, 6> comparisons = {{{"<=", Operation::less_equal},
                                                {">=", Operation::greater_equal},
                                                {"==", Operation::equal},
                                                {"!=", Operation::not_equal},
                                                {"<", Operation::less},
                                                {">", Operation::greater}}};

constexpr std::array<Symbol, 6> arithmetic = {{{"-", Operation::negate},
                                               {"+", Operation::add},
                                               {"-", Operation::subtract},
                                               {"*", Operation::multiply},
                                               {"/", Operation::divide},
                                               {"^", Operation::power}}};

}  // namespace

std::span<const Symbol> function_symbols() { return functions; }

std::span<const Symbol> comparison_symbols() { return comparisons; }

std::string_view symbol(Operation operation) {
  const auto has_operation = [&](const Symbol& symbol) { return symbol.second == operation; };
  for (const std::span<const Symbol> table :
       {std::span<const Symbol>(functions), std::span<const Symbol>(comparisons),
        std::span<const Symbol>(arithmetic)}) {
    const auto entry = std::find_if(table.begin(), table.end(), has_operation);
    if (entry != table.end()) return entry->first;
  }
  return "";
}

}  // namespace reprise
