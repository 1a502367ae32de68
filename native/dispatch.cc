#include "dispatch.h"

#include <string.h>

#include <atomic>

#include "cpu.h"

namespace rnnlm {

extern const KernelTable avx512_kernels, avx2_kernels, sse2_kernels, neon_kernels, scalar_kernels;
extern const Bfloat16Kernels avx512_bf16_kernels, amx_kernels;

namespace {

// An instruction set: its table, and its bfloat16 kernels if it has any.
struct Candidate {
  bool is_available;
  const char* isa;
  const KernelTable* kernels;
  const Bfloat16Kernels* bfloat16;
};

// The instruction sets of the architecture that this is compiled for, best first.
std::vector<Candidate> candidates() {
  [[maybe_unused]] const CpuFeatures cpu = detect_cpu();
  return {
#if defined(__x86_64__) && defined(__linux__)
      {cpu.amx, "amx", &avx512_kernels, &amx_kernels},
#endif
#if defined(__x86_64__)
      {cpu.avx512, "avx512", &avx512_kernels, cpu.has_fast_avx512_bf16 ? &avx512_bf16_kernels : nullptr},
      {cpu.avx2, "avx2", &avx2_kernels, nullptr},
      {cpu.sse2, "sse2", &sse2_kernels, nullptr},
#elif defined(__aarch64__)
      {cpu.neon, "neon", &neon_kernels, nullptr},
#endif
      {true, "scalar", &scalar_kernels, nullptr},
  };
}

std::vector<KernelTable> make_tables() {
  std::vector<KernelTable> tables;
  for (const Candidate& candidate : candidates()) {
    if (!candidate.is_available) continue;
    KernelTable table = *candidate.kernels;
    table.isa = candidate.isa;
    table.bfloat16 = candidate.bfloat16;
    tables.push_back(table);
  }
  return tables;
}

std::atomic<const KernelTable*>& selected() {
  static std::atomic<const KernelTable*> table{&available_tables().front()};
  return table;
}

std::atomic<Precision> wanted_precision{Precision::highest};

}  // namespace

const std::vector<KernelTable>& available_tables() {
  static const std::vector<KernelTable> tables = make_tables();
  return tables;
}

const KernelTable& kernels() { return *selected().load(std::memory_order_relaxed); }

bool select_kernels(const char* isa) {
  for (const KernelTable& table : available_tables()) {
    if (strcmp(table.isa, isa) != 0) continue;
    selected().store(&table, std::memory_order_relaxed);
    return true;
  }
  return false;
}

void select_precision(Precision wanted) { wanted_precision.store(wanted, std::memory_order_relaxed); }

Method method_for(const KernelTable& table, Precision wanted) {
  const Bfloat16Kernels* bfloat16 = table.bfloat16;
  const bool is_available = bfloat16 && (wanted == Precision::high ? bfloat16->split : bfloat16->rounded).parts > 0;
  return {&table, is_available ? wanted : Precision::highest};
}

Method method_in_use() { return method_for(kernels(), wanted_precision.load(std::memory_order_relaxed)); }

size_t method_count() { return available_tables().size() * precision_count; }

size_t number_of(const Method& method) {
  const auto table = static_cast<size_t>(method.table - available_tables().data());
  return table * precision_count + static_cast<size_t>(method.precision);
}

Method method_of(size_t number) {
  return method_for(available_tables()[number / precision_count], static_cast<Precision>(number % precision_count));
}

}  // namespace rnnlm
