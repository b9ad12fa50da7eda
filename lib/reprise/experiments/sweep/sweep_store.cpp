#include "reprise/experiments/sweep/sweep_store.hpp"

#include <sqlite3.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "reprise/core/error.hpp"
#include "reprise/core/hash.hpp"
#include "reprise/core/version.hpp"
#include "reprise/experiments/experiment/resolved_experiment.hpp"

namespace reprise {

namespace fs = std::filesystem;

namespace {

// Not a store, or no longer: what --restart may remove.
class DamagedStore : public Error {
 public:
  using Error::Error;
};

constexpr const char* store_format = "reprise sweep 1";

constexpr const char* make_tables = R"(
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE points (
    point TEXT PRIMARY KEY,     -- the values of the axes, and the repeat
    seed INTEGER NOT NULL,
    version TEXT NOT NULL,      -- of the program
    wall_time_s REAL NOT NULL,
    failure TEXT NOT NULL,      -- empty: none
    observables TEXT NOT NULL,  -- what was measured, JSON: [curves, observables]
    record TEXT NOT NULL,       -- everything, JSON, the resolved experiment with it
    checksum TEXT NOT NULL      -- FNV-1a of record: SQLite does not notice a flipped bit
  );
)";

constexpr const char* advice_on_a_change =
    ".\n  --update keeps the points that are still the same and computes the others,\n"
    "  --restart computes all again, --out takes another folder";
constexpr const char* advice_on_a_version =
    ".\n  --restart computes all points again by this version, --out takes another folder";
constexpr const char* advice_on_a_part =
    ": it is no part of this sweep.\n  Compute it again, with its --shard and --restart, or move "
    "it "
    "away; --merge takes the other parts then";

// The key of a point: its values, not its place in the grid, which a changed grid would move.
std::string key_of(const Sweep& sweep, const SweepPoint& point) {
  return describe(sweep, point.sites) + " #" + std::to_string(point.repeat + 1);
}

// Empty for a point whose experiment is refused: between the listed values some may be.
std::string identity_at(const Sweep& sweep, const SweepPoint& point) {
  try {
    return identity_of(experiment_at(sweep, point));
  } catch (const InputError&) {
    return "";
  }
}

/// Other programs' databases mostly have one; to look into those changes nothing, while a store,
/// which has a write-ahead log, is not to be read before it is locked.
bool has_rollback_journal(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string header(20, '\0');
  in.read(header.data(), static_cast<std::streamsize>(header.size()));
  return in && header.starts_with("SQLite format 3") && header[18] == 1;
}

std::string measured_names(const Sweep& sweep) {
  nlohmann::json observables = nlohmann::json::array();
  for (const Observable& observable : sweep.observables) observables.push_back(observable.text);
  nlohmann::json measured{sweep.curves, observables};
  if (sweep.keep == SweepKeep::curves) measured.push_back("curves");
  return measured.dump();
}

}  // namespace

class SweepStore::Database {
 public:
  explicit Database(const fs::path& file) : file_(file.string()) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const int code = sqlite3_open_v2(file_.c_str(), &db_, flags, nullptr);
    if (code != SQLITE_OK) {
      const Error error = error_of(code);
      sqlite3_close(db_);
      throw error;
    }
    sqlite3_extended_result_codes(db_, 1);
  }
  ~Database() { sqlite3_close(db_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void run(const std::string& sql) {
    const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(code);
  }

  using Row = std::vector<std::string>;

  // Texts and numbers are bound as texts: SQLite's column types make numbers of them again.
  std::vector<Row> rows(const char* sql, const Row& values = {}) {
    sqlite3_stmt* raw = nullptr;
    int code = sqlite3_prepare_v2(db_, sql, -1, &raw, nullptr);
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(raw, sqlite3_finalize);
    if (code != SQLITE_OK) fail(code);
    for (std::size_t v = 0; v < values.size(); ++v) {
      sqlite3_bind_text(raw, static_cast<int>(v + 1), values[v].data(),
                        static_cast<int>(values[v].size()), SQLITE_STATIC);
    }
    std::vector<Row> result;
    while ((code = sqlite3_step(raw)) == SQLITE_ROW) {
      result.emplace_back();
      for (int column = 0; column < sqlite3_column_count(raw); ++column) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, column));
        result.back().emplace_back(text == nullptr ? "" : text,
                                   static_cast<std::size_t>(sqlite3_column_bytes(raw, column)));
      }
    }
    if (code != SQLITE_DONE) fail(code);
    return result;
  }

  std::string meta(const char* key) {
    const std::vector<Row> found = rows("SELECT value FROM meta WHERE key = ?", {key});
    return found.empty() ? "" : found.front().front();
  }
  void set_meta(const char* key, const std::string& value) {
    rows("INSERT OR REPLACE INTO meta VALUES (?, ?)", {key, value});
  }

  bool is_empty() { return rows("SELECT name FROM sqlite_master").empty(); }
  bool has_table(const char* name) {
    return !rows("SELECT name FROM sqlite_master WHERE name = ?", {name}).empty();
  }
  const std::string& file() const { return file_; }

  [[noreturn]] void fail(int code) {
    const int kind = code & 0xFF;
    if (kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB) fail_damaged(sqlite3_errmsg(db_));
    throw error_of(code);
  }
  [[noreturn]] void fail_damaged(const std::string& what) {
    throw DamagedStore(file_ + ": damaged or no store of a sweep (" + what +
                       "). It is left as it is; move it away, or make it anew with --restart");
  }

  /// What --restart must not remove either.
  Error foreign(const std::string& what) {
    return Error(file_ + ": no store of a sweep (" + what +
                 "). It is left as it is; --out takes another folder");
  }

 private:
  static constexpr std::size_t longest_path = 500;

  Error error_of(int code) {
    const std::string what = db_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db_);
    switch (code & 0xFF) {
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        return Error(file_ +
                     ": another sweep is at work on it; processes that are started "
                     "together need a --shard each, or Reprise built with MPI");
      case SQLITE_FULL:
        return Error(file_ +
                     ": the disk is full. What was stored is safe; with room, the same "
                     "command goes on from there");
      case SQLITE_READONLY:
      case SQLITE_PERM:
      case SQLITE_CANTOPEN:
        return Error(
            file_ + ": cannot be written (" +
            (fs::absolute(file_).string().size() > longest_path
                 ? "SQLite takes no path of more than " + std::to_string(longest_path) + " letters"
                 : what) +
            ")");
      case SQLITE_ERROR:
        return foreign(what);
      case SQLITE_IOERR:
        return Error(file_ + ": " + what +
                     ". What was stored is safe; with the cause gone, the same command goes on "
                     "from there");
      default:
        return Error(file_ + ": " + what);
    }
  }

  std::string file_;
  sqlite3* db_ = nullptr;
};

SweepStore::SweepStore(const fs::path& file, const Sweep& sweep, OnChange on_change) {
  try {
    open(file, sweep, on_change);
  } catch (const DamagedStore&) {
    database_.reset();
    if (on_change != OnChange::restart) throw;
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(file.string() + suffix, ignored);
    open(file, sweep, on_change);
  }
}

void SweepStore::open(const fs::path& file, const Sweep& sweep, OnChange on_change) {
  database_ = std::make_unique<Database>(file);
  if (has_rollback_journal(file) && !database_->has_table("meta")) {
    throw database_->foreign("it is another database of SQLite");
  }
  // The lock is taken once and for all; it goes with the process, however that ends. A write-ahead
  // log is one flush of the disk a transaction, and with this lock needs no shared memory, which
  // network file systems do not have.
  database_->run(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
      "BEGIN EXCLUSIVE;");
  if (database_->is_empty()) {
    database_->run(make_tables);
    database_->set_meta("format", store_format);
    database_->set_meta("plan", sweep.plan);
    database_->set_meta("version", std::string(version()));
  }
  if (database_->meta("format") != store_format) database_->fail_damaged("its format is unknown");
  if (!database_->has_table("points")) database_->fail_damaged("its table of points is gone");
  const std::string stored_version = database_->meta("version");
  const bool is_other_plan = database_->meta("plan") != sweep.plan;
  const bool refuses = on_change == OnChange::refuse || on_change == OnChange::refuse_part;
  if (refuses && (is_other_plan || stored_version != version())) {
    throw InputError(database_->file() + " was made " +
                     (is_other_plan ? "from another text of " + sweep.source + ", or other --set"
                                    : "by version " + stored_version + " of the program") +
                     (on_change == OnChange::refuse_part ? advice_on_a_part
                      : stored_version != version()      ? advice_on_a_version
                                                         : advice_on_a_change));
  }
  if (on_change == OnChange::restart || stored_version != version()) {
    database_->run("DELETE FROM points");
  }
  database_->set_meta("plan", sweep.plan);
  database_->set_meta("look", sweep.look);
  database_->set_meta("version", std::string(version()));
  database_->run("COMMIT");
}

SweepStore::~SweepStore() = default;

SweepRecords SweepStore::read(const Sweep& sweep) {
  std::map<std::string, std::string> stored;
  for (Database::Row& row :
       database_->rows("SELECT point, record, checksum FROM points WHERE observables = ?",
                       {measured_names(sweep)})) {
    if (row[2] != std::to_string(fnv1a(row[1]))) database_->fail_damaged("a checksum is wrong");
    stored.emplace(std::move(row[0]), std::move(row[1]));
  }
  SweepRecords records;
  // Points of a refinement are known to belong to the sweep once those before them are.
  for (bool has_grown = true; has_grown;) {
    has_grown = false;
    for (const SweepPoint& point : missing_points(sweep, records)) {
      const auto found = stored.find(key_of(sweep, point));
      if (found == stored.end()) continue;
      try {
        SweepRecord record = record_from_json(found->second);
        stored.erase(found);
        // Of an updated plan only what would be computed just so again is kept.
        if (record.experiment != identity_at(sweep, point)) continue;
        records.emplace(point, std::move(record));
        has_grown = true;
      } catch (const nlohmann::json::exception& error) {
        database_->fail_damaged(error.what());
      }
    }
  }
  return records;
}

void SweepStore::write(const Sweep& sweep, const SweepPoint& point, const SweepRecord& record) {
  const std::string json = to_json(record);
  database_->rows("INSERT OR REPLACE INTO points VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                  {key_of(sweep, point), std::to_string(record.seed), record.version,
                   std::to_string(record.wall_time_s), record.failure, measured_names(sweep), json,
                   std::to_string(fnv1a(json))});
}

std::string stored_sweep(const fs::path& file) {
  if (!fs::exists(file)) {
    throw InputError(file.string() +
                     ": there is no such file, and the points of a sweep are in it");
  }
  SweepStore::Database database(file);
  if (!database.has_table("meta") || database.meta("format") != store_format) {
    throw database.foreign("its format is unknown");
  }
  DocumentValue whole = parse_toml(database.meta("look"), file.string());
  const DocumentValue plan = parse_toml(database.meta("plan"), file.string());
  whole.members.insert(whole.members.end(), plan.members.begin(), plan.members.end());
  return toml_text(whole);
}

void merge(SweepStore& store, const Sweep& sweep, const std::vector<fs::path>& parts) {
  std::map<SweepPoint, bool> is_good;  // of the points that the store has
  for (const auto& [point, record] : store.read(sweep)) is_good[point] = record.failure.empty();
  for (const fs::path& part : parts) {
    if (!fs::exists(part)) throw InputError(part.string() + ": there is no such file");
    SweepStore other(part, sweep, OnChange::refuse_part);
    for (const auto& [point, record] : other.read(sweep)) {
      const auto known = is_good.find(point);
      if (known != is_good.end() && (known->second || !record.failure.empty())) continue;
      store.write(sweep, point, record);
      is_good[point] = record.failure.empty();
    }
  }
}

}  // namespace reprise
