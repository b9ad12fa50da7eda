#include "reprise/core/parallel.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "reprise/core/error.hpp"
#include "support/message_of.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

}  // namespace

TEST_CASE(
    "resolve_threads: a positive request is itself, 0 is at least one, negative is rejected") {
  CHECK(resolve_threads(3) == 3);
  CHECK(resolve_threads(0) >= 1);
  CHECK(message_of([] { resolve_threads(-1); }) == "options: threads must be at least 0, got -1");
}

TEST_CASE("parallel_for: calls every index once, for any number of threads") {
  for (const int threads : {-1, 0, 1, 2, 7}) {
    for (const std::size_t count : {0, 1, 2, 3, 1000}) {
      std::vector<std::atomic<int>> calls(count);
      parallel_for(count, threads, [&](std::size_t, std::size_t index) { ++calls[index]; });
      CAPTURE(threads);
      CAPTURE(count);
      for (const auto& n : calls) CHECK(n == 1);
      CHECK(calls.size() == count);
    }
  }
}

TEST_CASE("parallel_for: worker numbers are below the number of threads and of indices") {
  const auto highest_worker = [](std::size_t count, int threads) {
    std::atomic<std::size_t> highest{0};
    parallel_for(count, threads, [&](std::size_t worker, std::size_t) {
      std::size_t seen = highest;
      while (worker > seen && !highest.compare_exchange_weak(seen, worker)) {
      }
    });
    return highest.load();
  };
  CHECK(highest_worker(1000, 1) == 0);
  CHECK(highest_worker(1000, 4) < 4);
  CHECK(highest_worker(2, 8) < 2);
}

TEST_CASE("parallel_for: no two calls run at once on one worker, different workers do overlap") {
  const int threads = 4;
  std::vector<std::atomic<int>> running(threads);
  std::atomic<int> collisions{0};
  std::atomic<int> started{0};
  parallel_for(200, threads, [&](std::size_t worker, std::size_t index) {
    if (++running[worker] != 1) ++collisions;
    ++started;
    // The first four calls wait for each other: without four workers at once this would not end.
    while (index < static_cast<std::size_t>(threads) && started < threads)
      std::this_thread::yield();
    --running[worker];
  });
  CHECK(collisions == 0);
}

TEST_CASE("parallel_for: one thread takes the indices in order and stops at the exception") {
  std::vector<std::size_t> seen;
  const auto body = [&](std::size_t worker, std::size_t index) {
    CHECK(worker == 0);
    seen.push_back(index);
    if (index == 3) throw std::runtime_error("index 3");
  };
  CHECK_THROWS_WITH_AS(parallel_for(10, 1, body), "index 3", std::runtime_error);
  CHECK(seen == std::vector<std::size_t>{0, 1, 2, 3});
}

TEST_CASE("parallel_for: rethrows the exception with its type, and makes no further calls") {
  std::atomic<int> calls{0};
  std::atomic<bool> has_thrown{false};
  const auto body = [&](std::size_t, std::size_t index) {
    ++calls;
    if (index == 2) {
      has_thrown = true;
      throw InputError("index 2");
    }
    // Later calls wait for it and take 1 ms each: all of them would take some 10 s.
    while (index > 2 && !has_thrown) std::this_thread::yield();
    if (has_thrown) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  CHECK_THROWS_WITH_AS(parallel_for(10000, 2, body), "index 2", InputError);
  CHECK(calls < 10000);
}

TEST_CASE("parallel_for: if all calls throw, one of the exceptions arrives") {
  const auto body = [](std::size_t, std::size_t index) { throw InputError(std::to_string(index)); };
  const std::string text = message_of([&] { parallel_for(4, 4, body); });
  CHECK(std::string("0123").find(text) != std::string::npos);
}
