// SweepTeam with MPI.
#include <mpi.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <future>
#include <optional>
#include <thread>

#include "reprise/core/error.hpp"
#include "reprise/core/stop.hpp"
#include "reprise/experiments/sweep/sweep_team.hpp"

namespace reprise {

namespace {

enum MessageTag { point_tag, record_tag, stop_tag };

using namespace std::chrono_literals;

// MPI waits at full speed of a core, which another rank may need for its work.
constexpr auto pause = 200us;

std::optional<MPI_Status> next_message() {
  MPI_Status status;
  int is_there = 0;
  MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &is_there, &status);
  return is_there != 0 ? std::optional(status) : std::nullopt;
}

MPI_Status wait_for_message() {
  while (true) {
    if (const auto status = next_message()) return *status;
    std::this_thread::sleep_for(pause);
  }
}

void send_point(const SweepPoint& point, int rank) {
  std::vector<std::int64_t> message = point.sites;
  message.push_back(point.repeat);
  MPI_Send(message.data(), static_cast<int>(message.size()), MPI_INT64_T, rank, point_tag,
           MPI_COMM_WORLD);
}

SweepPoint receive_point(const MPI_Status& status) {
  int size = 0;
  MPI_Get_count(&status, MPI_INT64_T, &size);
  SweepPoint point{.sites = Sites(static_cast<std::size_t>(size))};
  MPI_Recv(point.sites.data(), size, MPI_INT64_T, status.MPI_SOURCE, point_tag, MPI_COMM_WORLD,
           MPI_STATUS_IGNORE);
  point.repeat = point.sites.back();
  point.sites.pop_back();
  return point;
}

SweepRecord receive_record(const MPI_Status& status) {
  int size = 0;
  MPI_Get_count(&status, MPI_CHAR, &size);
  std::string text(static_cast<std::size_t>(size), '\0');
  MPI_Recv(text.data(), size, MPI_CHAR, status.MPI_SOURCE, record_tag, MPI_COMM_WORLD,
           MPI_STATUS_IGNORE);
  return record_from_json(text);
}

}  // namespace

// Of one process alone MPI says so itself.
SweepTeam::SweepTeam(bool joins)
    : has_others_(joins && (is_launched_with_others() || std::getenv("PMIX_RANK") != nullptr)) {
  if (!has_others_) return;
  int provided = 0;  // only the thread that comes by here speaks to the others
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
  MPI_Comm_size(MPI_COMM_WORLD, &size_);
}

SweepTeam::~SweepTeam() {
  if (!has_others_) return;
  if (rank_ == 0) {
    for (int rank = 1; rank < size_; ++rank) {
      MPI_Send(nullptr, 0, MPI_CHAR, rank, stop_tag, MPI_COMM_WORLD);
    }
  }
  MPI_Finalize();
}

Executor SweepTeam::executor(const Sweep& sweep, int threads) {
  return [size = size_, &sweep, threads](const std::vector<SweepPoint>& points, const auto& keep) {
    std::vector<std::size_t> at_work(static_cast<std::size_t>(size));  // the point of each rank
    std::size_t next = 0, n_sent = 0;
    std::future<SweepRecord> own;  // what the leader computes, beside its messages
    std::exception_ptr failure;
    const auto give = [&](int rank) {
      if (next == points.size() || failure) return;
      const std::size_t point = at_work[static_cast<std::size_t>(rank)] = next++;
      if (rank == 0) {
        own = std::async(std::launch::async, [&, point, flag = stop_flag()] {
          const StopScope scope(flag);
          return compute(sweep, points[point], threads);
        });
      } else {
        send_point(points[point], rank);
        ++n_sent;
      }
    };
    // A failure is reported once nobody waits to be heard.
    const auto take = [&](int rank, const auto& record) {
      try {
        const std::size_t point = at_work[static_cast<std::size_t>(rank)];
        SweepRecord result = record();
        give(rank);
        if (!failure) keep(points[point], std::move(result));
      } catch (...) {
        failure = std::current_exception();
      }
    };
    for (int rank = 0; rank < size; ++rank) give(rank);
    while (n_sent > 0 || own.valid()) {
      if (own.valid() && own.wait_for(0s) == std::future_status::ready) {
        take(0, [&] { return own.get(); });
      } else if (const auto status = next_message()) {
        --n_sent;
        take(status->MPI_SOURCE, [&] { return receive_record(*status); });
      } else {
        std::this_thread::sleep_for(pause);
      }
    }
    if (failure) std::rethrow_exception(failure);
  };
}

void SweepTeam::follow(const std::optional<Sweep>& sweep, int threads) {
  while (true) {
    const MPI_Status status = wait_for_message();
    if (status.MPI_TAG == stop_tag) {
      MPI_Recv(nullptr, 0, MPI_CHAR, 0, stop_tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      return;
    }
    const std::string text = to_json(compute(sweep.value(), receive_point(status), threads));
    MPI_Send(text.data(), static_cast<int>(text.size()), MPI_CHAR, 0, record_tag, MPI_COMM_WORLD);
  }
}

}  // namespace reprise
