#include "reprise/exponents/multi_index.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "reprise/core/error.hpp"

namespace {

using namespace reprise;

}  // namespace

TEST_CASE("MultiIndices: holds every index up to the degree once, in lexicographic order") {
  const MultiIndices indices(3, 4);
  CHECK(indices.size() == 35);
  CHECK(n_multi_indices(3, 4) == 35);
  for (int i = 0; i < indices.size(); ++i) {
    const auto index = indices[i];
    CHECK(indices.find(index) == i);
    CHECK(indices.degree(i) == index[0] + index[1] + index[2]);
    CHECK(indices.degree_from(i, 1) == index[1] + index[2]);
    CHECK(indices.degree(i) <= 4);
  }
}

TEST_CASE("MultiIndices: raising and lowering undo each other and stop at the borders") {
  const MultiIndices indices(2, 3);
  for (int i = 0; i < indices.size(); ++i) {
    for (int v = 0; v < 2; ++v) {
      if (indices.degree(i) == 3) {
        CHECK(indices.raised(i, v) == -1);
      } else {
        CHECK(indices.lowered(indices.raised(i, v), v) == i);
      }
      if (indices[i][v] == 0) CHECK(indices.lowered(i, v) == -1);
    }
  }
}

TEST_CASE("MultiIndices: rejects no variables and negative degrees") {
  CHECK_THROWS_AS(MultiIndices(0, 3), InputError);
  CHECK_THROWS_AS(MultiIndices(2, -1), InputError);
}
