#include "reprise/core/memory.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <cmath>
#include <cstdint>
#include <string>

#include "reprise/core/error.hpp"
#include "support/message_of.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

}  // namespace

TEST_CASE("available_memory_bytes: between 64 MB and 1 PB on any machine that builds this") {
  CHECK(available_memory_bytes() > (std::uint64_t{1} << 26));
  CHECK(available_memory_bytes() < (std::uint64_t{1} << 50));
}

TEST_CASE("check_memory: accepts up to nine tenths of the machine, says how much is missing") {
  const auto all = static_cast<double>(available_memory_bytes());
  CHECK_NOTHROW(check_memory("simulation", 0));
  CHECK_NOTHROW(check_memory("simulation", 0.89 * all));
  CHECK_THROWS_AS(check_memory("simulation", 0.91 * all), InputError);
  const std::string text = message_of([] { check_memory("simulation", 1.5e18); });
  CHECK(contains(text, "simulation: needs 1.5e+09 GB of memory, this process may take "));
}

TEST_CASE("check_memory: NaN and infinity are too much") {
  CHECK_THROWS_AS(check_memory("simulation", HUGE_VAL), InputError);
  CHECK_THROWS_AS(check_memory("simulation", std::nan("")), InputError);
}

TEST_CASE("available_memory_bytes: a limit of the process counts") {
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_AS, &before) == 0);
  const std::uint64_t limit = available_memory_bytes() / 2;
  rlimit lower = before;
  lower.rlim_cur = limit;
  REQUIRE(setrlimit(RLIMIT_AS, &lower) == 0);
  const std::uint64_t seen = available_memory_bytes();
  setrlimit(RLIMIT_AS, &before);
  CHECK(seen == limit);
}
