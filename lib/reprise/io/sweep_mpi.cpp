// SweepTeam with MPI.
#include <mpi.h>

#include <chrono>
#include <exception>
#include <thread>

#include "reprise/core/error.hpp"
#include "reprise/io/sweep_team.hpp"

namespace reprise {

namespace {

enum MessageTag { point_tag, record_tag, stop_tag };

// MPI waits at full speed of a core, which another rank may need for its work.
MPI_Status wait_for_message() {
  MPI_Status status;
  for (int is_there = 0;;) {
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &is_there, &status);
    if (is_there != 0) return status;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
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

SweepTeam::SweepTeam() {
  MPI_Init(nullptr, nullptr);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
  MPI_Comm_size(MPI_COMM_WORLD, &size_);
}

SweepTeam::~SweepTeam() {
  if (rank_ == 0 && size_ > 1) {
    for (int rank = 1; rank < size_; ++rank) {
      MPI_Send(nullptr, 0, MPI_CHAR, rank, stop_tag, MPI_COMM_WORLD);
    }
  }
  MPI_Finalize();
}

Executor SweepTeam::executor() {
  return [size = size_](const std::vector<SweepPoint>& points, const auto& keep) {
    std::vector<std::size_t> at_work(static_cast<std::size_t>(size));  // the point of each rank
    std::size_t next = 0, n_running = 0;
    std::exception_ptr failure;
    const auto give = [&](int rank) {
      if (next == points.size()) return;
      at_work[static_cast<std::size_t>(rank)] = next;
      send_point(points[next++], rank);
      ++n_running;
    };
    for (int rank = 1; rank < size; ++rank) give(rank);
    while (n_running > 0) {
      const MPI_Status status = wait_for_message();
      SweepRecord record = receive_record(status);
      --n_running;
      const std::size_t point = at_work[static_cast<std::size_t>(status.MPI_SOURCE)];
      if (!failure) give(status.MPI_SOURCE);
      try {
        if (!failure) keep(points[point], std::move(record));
      } catch (...) {
        failure = std::current_exception();  // once nobody waits to be heard
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
