// Each thread of a job owns a share: a range of adjacent pieces, the same range in every job of this size, so that its data
// is still in the caches of its core. A thread that has finished its own share steals from the others. An idle thread spins
// for some microseconds, since the operations of a training step follow each other closely, and then sleeps.
#include "thread_pool.h"

#include <sched.h>
#include <stdio.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace rnnlm {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto spin_time = std::chrono::microseconds(50);
// If the caller waits for the other threads longer than it has worked itself, plus tolerated_wait, the cores are busy with
// other programs, and a thread was preempted in the middle of a piece. The caller then works alone for a while, twice as
// long each time.
constexpr auto tolerated_wait = std::chrono::microseconds(50);
constexpr auto shortest_backoff = std::chrono::milliseconds(2);
constexpr auto longest_backoff = std::chrono::milliseconds(256);
constexpr int spins_per_clock_read = 64;
// The number of threads that the pool gives up if the system refuses to start one. Node starts threads later, such as the 4
// of libuv, and aborts the process if it cannot.
constexpr int threads_for_node = 8;

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

std::atomic<int> most_threads{std::numeric_limits<int>::max()};  // that the system has not refused
std::atomic<int> first_refused{std::numeric_limits<int>::max()};  // set by a test

// The last refusal, until take_refused_threads returns it.
std::mutex refusal;
std::atomic<bool> has_refusal{false};
RefusedThreads refused_threads{0, 0};

class Pool {
 public:
  // Returns false without running anything if the pool serves another caller or backs off.
  bool run(int threads, size_t pieces, Piece piece, const void* work) {
    if (has_caller_.exchange(true, std::memory_order_acquire)) return false;
    const bool shares = Clock::now() >= backs_off_until_;
    std::exception_ptr failure;
    try {
      if (shares) share(threads, pieces, piece, work);
    } catch (...) {
      failure = std::current_exception();
    }
    if (!failure) failure = std::exchange(failure_, nullptr);
    has_caller_.store(false, std::memory_order_release);
    if (failure) std::rethrow_exception(failure);
    return shares;
  }

  // Does nothing if the pool serves a caller, which starts the threads itself.
  void start(int threads) {
    if (has_caller_.exchange(true, std::memory_order_acquire)) return;
    grow(threads - 1);
    has_caller_.store(false, std::memory_order_release);
  }

 private:
  struct alignas(64) Share {
    std::atomic<size_t> next{0};
    size_t end = 0;
  };

  void share(int threads, size_t pieces, Piece piece, const void* work) {
    const auto start = Clock::now();
    threads = 1 + grow(threads - 1);
    while (shares_.size() < static_cast<size_t>(threads)) shares_.emplace_back();
    piece_ = piece;
    work_ = work;
    invited_ = threads;
    for (size_t i = 0, count = static_cast<size_t>(threads); i < count; i++) {
      shares_[i].next.store(i * pieces / count, std::memory_order_relaxed);
      shares_[i].end = (i + 1) * pieces / count;
    }
    is_open_.store(true);
    wake_helpers();
    run_shares(0);
    is_open_.store(false);
    const auto done = Clock::now();
    while (active_.load() > 0) relax();
    back_off_if_late(done - start, Clock::now() - done);
  }

  void wake_helpers() {
    job_.fetch_add(1);
    if (sleepers_.load() > 0 && sleepers_.exchange(0) > 0) {
      std::lock_guard<std::mutex> lock(sleep_);
      wake_.notify_all();
    }
  }

  // Starts missing helpers and returns how many of the wanted ones exist.
  int grow(int wanted) {
    while (helpers_ < std::min(wanted, most_threads.load() - 1)) {
      if (start_helper(helpers_ + 1)) {
        helpers_++;
      } else {
        helpers_ = std::max(0, helpers_ - threads_for_node);
        most_threads.store(helpers_ + 1);
        wake_helpers();  // those given up return from serve
        std::lock_guard<std::mutex> lock(refusal);
        refused_threads = {wanted + 1, helpers_ + 1};
        has_refusal.store(true);
      }
    }
    return std::min(wanted, helpers_);
  }

  bool start_helper(int number) {
    if (number >= first_refused.load()) return false;
    try {
      std::thread([this, number, seen = job_.load()] { serve(number, seen); }).detach();
      return true;
    } catch (const std::exception&) {  // system_error, or no memory for a thread
      return false;
    }
  }

  void back_off_if_late(Clock::duration worked, Clock::duration waited) {
    if (waited > worked + tolerated_wait) {
      backs_off_until_ = Clock::now() + backoff_;
      backoff_ = std::min<Clock::duration>(2 * backoff_, longest_backoff);
    } else {
      backoff_ = std::max<Clock::duration>(backoff_ - backoff_ / 256, shortest_backoff);
    }
  }

  // Runs the pieces of the share of this thread, then those of the other shares.
  void run_shares(int number) {
    try {
      for (int i = 0; i < invited_; i++) {
        Share& share = shares_[static_cast<size_t>((number + i) % invited_)];
        for (size_t next; (next = share.next.fetch_add(1, std::memory_order_relaxed)) < share.end;) piece_(work_, next);
      }
    } catch (...) {  // rethrown in the thread of the caller
      std::lock_guard<std::mutex> lock(sleep_);
      failure_ = std::current_exception();
    }
  }

  // A helper first marks itself active and then checks that the job is still open; the caller first closes the job and then
  // waits for active helpers. So no helper works on a job that has ended, and the caller never waits for a sleeping one.
  void serve(int number, unsigned seen) {
    for (;;) {
      seen = wait_for_job(seen);
      if (number >= most_threads.load()) return;  // given up
      active_.fetch_add(1);
      if (is_open_.load() && number < invited_) run_shares(number);
      active_.fetch_sub(1);
    }
  }

  unsigned wait_for_job(unsigned seen) {
    const auto deadline = Clock::now() + spin_time;
    do {
      for (int i = 0; i < spins_per_clock_read; i++) {
        const unsigned job = job_.load();
        if (job != seen) return job;
        relax();
      }
    } while (Clock::now() < deadline);
    std::unique_lock<std::mutex> lock(sleep_);
    do {
      // Counted again before each wait: wake_helpers resets the count, perhaps late, for a job that this thread has seen.
      sleepers_.fetch_add(1);
      if (job_.load() != seen) break;
      wake_.wait(lock);
    } while (job_.load() == seen);
    return job_.load();
  }

  std::atomic<bool> has_caller_{false};
  std::mutex sleep_;
  std::condition_variable wake_;
  std::atomic<unsigned> job_{0};
  std::atomic<int> sleepers_{0};  // asleep and not yet called
  std::atomic<int> active_{0};
  std::atomic<bool> is_open_{false};
  // Used only by the caller; there is one at a time.
  Clock::time_point backs_off_until_{};
  Clock::duration backoff_ = shortest_backoff;
  // Written only while no job is open and no helper is active.
  int helpers_ = 0, invited_ = 0;
  Piece piece_ = nullptr;
  const void* work_ = nullptr;
  std::exception_ptr failure_;  // thrown by a piece
  std::deque<Share> shares_;
};

Pool& pool() {
  static Pool* leaked = new Pool;
  return *leaked;
}

// The quota of the control group in cores, rounded up; 0 if there is none.
int quota_cores() {
  double quota = -1, period = -1;
  if (FILE* file = fopen("/sys/fs/cgroup/cpu.max", "r")) {
    if (fscanf(file, "%lf %lf", &quota, &period) != 2) quota = -1;
    fclose(file);
  }
  return quota > 0 && period > 0 ? std::max(1, static_cast<int>((quota + period - 1) / period)) : 0;
}

std::atomic<int>& threads_in_use() {
  static std::atomic<int> count{available_cores()};
  return count;
}

}  // namespace

int available_cores() {
  int cores = static_cast<int>(std::thread::hardware_concurrency());
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) cores = CPU_COUNT(&allowed);
#endif
  const int quota = quota_cores();
  return std::max(1, quota > 0 ? std::min(cores, quota) : cores);
}

int thread_count() {
  return std::min(threads_in_use().load(std::memory_order_relaxed), most_threads.load(std::memory_order_relaxed));
}

void set_thread_count(int count) { threads_in_use().store(std::max(1, count), std::memory_order_relaxed); }

void start_threads() { pool().start(thread_count()); }

RefusedThreads take_refused_threads() {
  if (!has_refusal.load(std::memory_order_relaxed)) return {0, 0};
  std::lock_guard<std::mutex> lock(refusal);
  has_refusal.store(false);
  return std::exchange(refused_threads, {0, 0});
}

void refuse_thread(int number) { first_refused.store(number); }

void run_pieces(size_t pieces, Piece piece, const void* work) {
  if (pool().run(thread_count(), pieces, piece, work)) return;
  for (size_t i = 0; i < pieces; i++) piece(work, i);
}

}  // namespace rnnlm
