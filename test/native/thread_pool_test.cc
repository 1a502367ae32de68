// The thread pool: every piece runs once, on the number of threads that was set, with threads that sleep between jobs,
// several callers and nested jobs; products are bit-identical on any number of threads. The arrays have no lock: with
// -fsanitize=thread, they verify that a caller sees everything that the pieces wrote.
#include "../../native/thread_pool.h"

#include <atomic>
#include <chrono>
#include <new>
#include <thread>

#include "../../native/matmul.h"
#include "inputs.h"
#include "tests.h"

namespace rnnlm {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int most_threads = 8;

template <class Test>
void for_each_thread_count(Test test) {
  const int before = thread_count();
  for (int threads = 1; threads <= most_threads; threads++) {
    set_thread_count(threads);
    test(threads);
  }
  set_thread_count(before);
}

bool runs_each_once(size_t pieces) {
  std::vector<int> runs(pieces);
  parallel_for(pieces, [&](size_t i) { runs[i]++; });
  return std::all_of(runs.begin(), runs.end(), [](int count) { return count == 1; });
}

// No piece ends before all have begun or a timeout has passed: they meet only if each has its own thread.
bool threads_meet_within(milliseconds patience, int threads) {
  std::atomic<int> begun{0};
  std::atomic<bool> met{true};
  parallel_for(static_cast<size_t>(threads), [&](size_t) {
    begun++;
    const auto deadline = steady_clock::now() + patience;
    while (begun < threads && steady_clock::now() < deadline) std::this_thread::yield();
    if (begun < threads) met = false;
  });
  return met;
}

// On a busy machine threads start late, and the pool may let its caller work alone for a while.
bool threads_meet(int threads) {
  for (milliseconds patience{1}; patience < std::chrono::seconds(3); patience *= 2) {
    if (threads_meet_within(patience, threads)) return true;
  }
  return false;
}

int most_at_once(size_t pieces) {
  std::atomic<int> busy{0}, most{0};
  parallel_for(pieces, [&](size_t) {
    const int now = ++busy;
    int seen = most;
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
    std::this_thread::yield();
    busy--;
  });
  return most;
}

void test_thread_count() {
  const int before = thread_count();
  check(available_cores() >= 1, "there is a core");
  check(before == available_cores(), "every core has a thread at first");
  for (int count : {0, -3}) {
    set_thread_count(count);
    check(thread_count() == 1, "%d threads are one", count);
  }
  set_thread_count(before);
}

void test_pieces() {
  for_each_thread_count([](int threads) {
    for (size_t pieces : {0, 1, 2, 3, 7, 8, 9, 64, 1000}) {
      check(runs_each_once(pieces), "%d threads do each of %zu pieces once", threads, pieces);
    }
  });
}

void test_limit() {
  for_each_thread_count([](int threads) {
    check(threads_meet(threads), "%d threads work at once", threads);
    check(most_at_once(200) <= threads, "no more than %d threads work at once", threads);
  });
  set_thread_count(2);
  check(most_at_once(200) <= 2, "threads that are no longer wanted do not work");
  set_thread_count(available_cores());
}

// The pauses end before, while and after the threads of the pool go to sleep.
void test_sleep() {
  for_each_thread_count([](int threads) {
    for (int pause : {0, 10, 30, 50, 70, 100, 2000}) {
      bool each_once = true;
      for (int repetition = 0; repetition < 20; repetition++) {
        std::this_thread::sleep_for(std::chrono::microseconds(pause));
        each_once = runs_each_once(9) && each_once;
      }
      check(each_once, "%d threads do each piece once after pauses of %d microseconds", threads, pause);
    }
    std::this_thread::sleep_for(milliseconds(2));
    check(threads_meet(threads), "%d threads wake", threads);
  });
}

// The caller may be preempted anywhere, also between opening a job and waking sleeping threads.
void test_busy_cores() {
  set_thread_count(2);
  std::atomic<bool> is_over{false};
  std::vector<std::thread> hogs;
  for (int i = 0; i < 2 * available_cores(); i++) {
    hogs.emplace_back([&] {
      while (!is_over) continue;
    });
  }
  bool each_once = true;
  for (const auto end = steady_clock::now() + milliseconds(500); steady_clock::now() < end;) {
    each_once = runs_each_once(2) && each_once;
    std::this_thread::sleep_for(std::chrono::microseconds(60));
  }
  is_over = true;
  for (std::thread& hog : hogs) hog.join();
  check(each_once, "each piece is done once on busy cores");
  check(threads_meet(2), "2 threads still work after the cores were busy");
  set_thread_count(available_cores());
}

void test_callers() {
  constexpr int callers = 4, rounds = 300;
  std::vector<int> wrong(callers);
  std::vector<std::thread> threads;
  for (int caller = 0; caller < callers; caller++) {
    threads.emplace_back([&wrong, caller] {
      for (int round = 0; round < rounds; round++) {
        set_thread_count(1 + (round + caller) % most_threads);
        if (!runs_each_once(static_cast<size_t>(1 + round % 17))) wrong[caller]++;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int caller = 0; caller < callers; caller++) {
    check(wrong[caller] == 0, "caller %d among others has %d wrong jobs", caller, wrong[caller]);
  }
  set_thread_count(available_cores());
}

void test_jobs_within_jobs() {
  for_each_thread_count([](int threads) {
    constexpr size_t outer = 5, inner = 7;
    std::vector<int> runs(outer * inner);
    parallel_for(outer, [&](size_t i) { parallel_for(inner, [&](size_t j) { runs[i * inner + j]++; }); });
    const bool each_once = std::all_of(runs.begin(), runs.end(), [](int count) { return count == 1; });
    check(each_once, "%d threads do pieces of pieces once", threads);
  });
}

// Fractions with all 24 bits in use: sums in another order would round differently.
void test_products(const KernelTable& table, size_t rows, size_t depth, size_t columns) {
  const Floats a = floats(rows * depth, any_fraction), b = floats(depth * columns, any_fraction);
  const auto product = [&] {
    std::vector<float> c(rows * columns);
    Matmul op{};
    op.a = {a.data(), rows, depth, static_cast<ptrdiff_t>(depth), 1};
    op.b = {b.data(), depth, columns, static_cast<ptrdiff_t>(columns), 1};
    op.c = {c.data(), rows, columns, static_cast<ptrdiff_t>(columns), 1};
    op.activation = Activation::tanh;
    run(op);
    return c;
  };
  std::vector<float> expected;
  for_each_thread_count([&](int threads) {
    if (threads == 1) expected = product();
    check(product() == expected, "%s: the product on %d threads is that on one", table.isa, threads);
  });
}

void test_failing_pieces() {
  set_thread_count(4);
  for (int repetition = 0; repetition < 50; repetition++) {
    bool is_caught = false;
    try {
      parallel_for(100, [](size_t i) {
        if (i % 7 == 3) throw std::bad_alloc();
      });
    } catch (const std::bad_alloc&) {
      is_caught = true;
    }
    check(is_caught && runs_each_once(9), "what a piece throws reaches the caller, and the pool goes on working");
  }
  set_thread_count(available_cores());
}

}  // namespace

void test_thread_pool() {
  test_thread_count();
  test_pieces();
  test_limit();
  test_sleep();
  test_busy_cores();
  test_callers();
  test_jobs_within_jobs();
  test_failing_pieces();
}

void test_thread_counts(const KernelTable& table) {
  for (Precision precision : {Precision::highest, Precision::high, Precision::medium}) {
    select_precision(precision);
    if (method_in_use().precision != precision) continue;
    test_products(table, 70, 130, 65);
    test_products(table, 300, 400, 70);
  }
  select_precision(Precision::highest);
}

// Must be the last test: a refusal lasts as long as the process.
void test_refused_threads() {
  check(take_refused_threads().wanted == 0, "no thread was refused so far");
  refuse_thread(most_threads + 4);
  set_thread_count(64);
  check(runs_each_once(1000), "each piece is done once when a thread is refused");
  const int left = most_threads + 4 - 8;  // one less than the refused one, less those for Node, and the caller
  check(thread_count() == left, "%d threads are left of %d", thread_count(), left);
  const RefusedThreads refused = take_refused_threads();
  check(refused.wanted == 64 && refused.left == left, "the refusal is reported");
  check(take_refused_threads().wanted == 0, "and only once");
  check(runs_each_once(1000) && threads_meet(left), "the threads that are left work");
  check(most_at_once(200) <= left, "those given back do not");
  set_thread_count(available_cores());
}

}  // namespace rnnlm
