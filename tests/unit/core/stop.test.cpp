#include "reprise/core/stop.hpp"

#include <doctest/doctest.h>

#include "reprise/core/ensemble.hpp"
#include "reprise/core/parallel.hpp"

using namespace reprise;

TEST_CASE("check_stop: throws where the flag of the innermost scope is raised, and only there") {
  StopFlag outer = true, inner = false;
  CHECK_NOTHROW(check_stop());
  {
    const StopScope scope(outer);
    CHECK_THROWS_AS(check_stop(), Stopped);
    {
      const StopScope nested(inner);
      CHECK_NOTHROW(check_stop());
      inner = true;
      CHECK_THROWS_AS(check_stop(), Stopped);
    }
    CHECK(is_stop_requested());
    outer = false;
    CHECK_NOTHROW(check_stop());
  }
  CHECK(stop_flag() == nullptr);
}

TEST_CASE("parallel_for: a raised flag ends it on any number of threads") {
  for (const int threads : {1, 2, 5}) {
    StopFlag flag = false;
    const StopScope scope(flag);
    std::atomic<int> n_calls = 0;
    const auto body = [&](std::size_t, std::size_t index) {
      ++n_calls;
      CHECK(stop_flag() == &flag);
      if (index == 3) flag = true;
    };
    CHECK_THROWS_AS(parallel_for(100000, threads, body), Stopped);
    CHECK(n_calls < 100000);
  }
}

TEST_CASE("step_counter: each step asks whether to stop, with and without progress") {
  StopFlag flag = false;
  const StopScope scope(flag);
  for (const Progress& progress : {Progress{}, Progress{[](double) {}}}) {
    flag = false;
    const auto on_step = step_counter(progress, 10);
    CHECK_NOTHROW(on_step());
    flag = true;
    CHECK_THROWS_AS(on_step(), Stopped);
  }
}
