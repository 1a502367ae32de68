// tanh, sigmoid and exp: at most 2 ulp from the value of the float64 library for every float32 number (or a dense sample),
// exact if the true value is known, and correct at every length and position of an array.
#include <atomic>
#include <mutex>
#include <thread>

#include "../../native/dispatch.h"
#include "inputs.h"
#include "tests.h"

namespace rnnlm {
namespace {

constexpr double most_ulps = 2;
constexpr uint64_t all_numbers = uint64_t{1} << 32;
constexpr uint64_t sample_stride = 4099;  // a prime: the sample has every exponent, with different mantissas
constexpr size_t chunk = 4096;            // numbers and results that fit in the first-level cache

struct Function {
  const char* name;
  UnaryKernel KernelTable::*kernel;
  double (*exact)(double x);
};

constexpr Function functions[] = {
    {"tanh", &KernelTable::tanh, [](double x) { return tanh(x); }},
    {"sigmoid", &KernelTable::sigmoid, [](double x) { return 1 / (1 + exp(-x)); }},
    {"exp", &KernelTable::exp, [](double x) { return exp(x); }},
};

struct Worst {
  double ulps = 0;
  float at = 0;

  void include(const Worst& other) {
    if (other.ulps > ulps) *this = other;
  }
};

// The largest error over n numbers. Most results are rounded correctly; their error is not computed.
Worst worst_of(size_t n, const float* x, const float* got, const double* exact) {
  Worst worst;
  for (size_t i = 0; i < n; i++) {
    if (bits_of(got[i]) != bits_of(static_cast<float>(exact[i]))) worst.include({ulp_error(got[i], exact[i]), x[i]});
  }
  return worst;
}

// Tests the numbers whose bits are 0, stride, 2 · stride, …, on all cores.
std::vector<Worst> sweep(const Function& function, uint64_t stride) {
  const std::vector<KernelTable>& tables = available_tables();
  const uint64_t count = (all_numbers + stride - 1) / stride;
  std::vector<Worst> worst(tables.size());
  std::atomic<uint64_t> next{0};
  std::mutex mutex;
  const auto work = [&] {
    std::vector<Worst> own(worst.size());
    std::vector<float> x(chunk), got(chunk);
    std::vector<double> exact(chunk);
    for (uint64_t start; (start = next.fetch_add(chunk)) < count;) {
      const size_t n = static_cast<size_t>(std::min<uint64_t>(chunk, count - start));
      for (size_t i = 0; i < n; i++) {
        x[i] = float_of(static_cast<uint32_t>((start + i) * stride));
        exact[i] = function.exact(static_cast<double>(x[i]));
      }
      for (size_t t = 0; t < own.size(); t++) {
        (tables[t].*function.kernel)(n, x.data(), got.data());
        own[t].include(worst_of(n, x.data(), got.data(), exact.data()));
      }
    }
    const std::lock_guard<std::mutex> lock(mutex);
    for (size_t t = 0; t < own.size(); t++) worst[t].include(own[t]);
  };
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < std::max(1u, std::thread::hardware_concurrency()); t++) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  return worst;
}

struct KnownValue {
  float x, tanh, sigmoid, exp;
};

constexpr float infinity = INFINITY;
constexpr float smallest = 0x1p-149f, largest_denormal = 0x1.fffffcp-127f, largest = 0x1.fffffep127f;

constexpr KnownValue known_values[] = {
    {0.0f, 0.0f, 0.5f, 1.0f},
    {-0.0f, -0.0f, 0.5f, 1.0f},
    {infinity, 1.0f, 1.0f, infinity},
    {-infinity, -1.0f, 0.0f, 0.0f},
    {largest, 1.0f, 1.0f, infinity},
    {-largest, -1.0f, 0.0f, 0.0f},
    {smallest, smallest, 0.5f, 1.0f},
    {-smallest, -smallest, 0.5f, 1.0f},
    {largest_denormal, largest_denormal, 0.5f, 1.0f},
    {-largest_denormal, -largest_denormal, 0.5f, 1.0f},
    {89.0f, 1.0f, 1.0f, infinity},
    {-104.0f, -1.0f, 0.0f, 0.0f},
};

void test_known_value(const KernelTable& table, const Function& function, float x, float wanted) {
  for (size_t n : {1, 2, 3, 4, 8, 16, 17}) {
    const Floats a = floats(n, [x] { return x; });
    Floats out(n);
    (table.*function.kernel)(n, a.data(), out.data());
    const bool is_right = std::all_of(out.begin(), out.end(), [wanted](float value) {
      return isnan(wanted) ? isnan(value) : bits_of(value) == bits_of(wanted);
    });
    check(is_right, "%s: %s(%.9g) is %.9g, not %.9g", table.isa, function.name, static_cast<double>(x),
          static_cast<double>(out[0]), static_cast<double>(wanted));
  }
}

void test_known_values(const KernelTable& table) {
  for (const KnownValue& known : known_values) {
    test_known_value(table, functions[0], known.x, known.tanh);
    test_known_value(table, functions[1], known.x, known.sigmoid);
    test_known_value(table, functions[2], known.x, known.exp);
  }
  for (const Function& function : functions) {
    for (uint32_t bits : {0x7fc00000u, 0xffc00000u, 0x7f800001u, 0xffbfffffu}) {
      test_known_value(table, function, float_of(bits), NAN);
    }
  }
}

void test_arrays(const KernelTable& table, const Function& function) {
  for (size_t n : edge_lengths()) {
    Floats a = floats(n, [] { return any_fraction() * 12; }), out(n);
    std::vector<double> exact(n);
    for (size_t i = 0; i < n; i++) exact[i] = function.exact(static_cast<double>(a[i]));
    (table.*function.kernel)(n, a.data(), out.data());
    check_array(out, exact, most_ulps, function.name);
    (table.*function.kernel)(n, a.data(), a.data());
    check_array(a, exact, most_ulps, function.name);
  }
}

}  // namespace

void test_transcendentals(const KernelTable& table) {
  test_known_values(table);
  for (const Function& function : functions) test_arrays(table, function);
}

void sweep_transcendentals(bool exhaustive) {
  const std::vector<KernelTable>& tables = available_tables();
  const uint64_t stride = exhaustive ? 1 : sample_stride;
  for (const Function& function : functions) {
    const std::vector<Worst> worst = sweep(function, stride);
    for (size_t t = 0; t < worst.size(); t++) {
      const char* isa = tables[t].isa;
      printf("%s: %s is at most %.4f ulp off, at %.9g\n", isa, function.name, fmax(0.5, worst[t].ulps),
             static_cast<double>(worst[t].at));
      check(worst[t].ulps <= most_ulps, "%s: %s is within 2 ulp", isa, function.name);
    }
  }
}

}  // namespace rnnlm
