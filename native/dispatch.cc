#include "dispatch.h"

#include <string.h>

#include <algorithm>
#include <atomic>

#include "cpu.h"

namespace rnnlm {

#if defined(__x86_64__)
extern const KernelTable avx512_kernels, avx2_kernels, sse2_kernels;
#if defined(__linux__)
extern const Bfloat16Kernels amx_kernels;
#endif
#elif defined(__aarch64__)
extern const KernelTable neon_kernels;
#endif
extern const KernelTable scalar_kernels;

#if defined(__x86_64__) && defined(__linux__)
// All of AVX-512, and products in bfloat16.
static const KernelTable& amx_table() {
  static const KernelTable table = [] {
    KernelTable copy = avx512_kernels;
    copy.isa = "amx";
    copy.bfloat16 = &amx_kernels;
    return copy;
  }();
  return table;
}
#endif

const AvailableTables& available_tables() {
  static const AvailableTables available = [] {
    AvailableTables list{};
    const CpuFeatures cpu = detect_cpu();
    auto add_if = [&list](bool present, const KernelTable& table) {
      if (present) list.tables[list.count++] = &table;
    };
#if defined(__x86_64__)
#if defined(__linux__)
    add_if(cpu.amx, amx_table());
#endif
    add_if(cpu.avx512, avx512_kernels);
    add_if(cpu.avx2, avx2_kernels);
    add_if(cpu.sse2, sse2_kernels);
#elif defined(__aarch64__)
    add_if(cpu.neon, neon_kernels);
#endif
    add_if(true, scalar_kernels);
    return list;
  }();
  return available;
}

static std::atomic<const KernelTable*>& selected() {
  static std::atomic<const KernelTable*> table{available_tables().tables[0]};
  return table;
}

const KernelTable& kernels() { return *selected().load(std::memory_order_relaxed); }

bool select_kernels(const char* isa) {
  const AvailableTables& available = available_tables();
  for (int i = 0; i < available.count; i++) {
    if (strcmp(available.tables[i]->isa, isa) == 0) {
      selected().store(available.tables[i], std::memory_order_relaxed);
      return true;
    }
  }
  return false;
}

static std::atomic<Precision> wanted_precision{Precision::highest};

void select_precision(Precision wanted) { wanted_precision.store(wanted, std::memory_order_relaxed); }

Method method_in_use() {
  const KernelTable& table = kernels();
  return {&table, table.bfloat16 ? wanted_precision.load(std::memory_order_relaxed) : Precision::highest};
}

size_t most_methods() { return static_cast<size_t>(available_tables().count) * precision_count; }

size_t number_of(const Method& method) {
  const AvailableTables& available = available_tables();
  const auto place = std::find(available.tables, available.tables + available.count, method.table) - available.tables;
  return static_cast<size_t>(place) * precision_count + static_cast<size_t>(method.precision);
}

Method method_of(size_t number) {
  const KernelTable* table = available_tables().tables[number / precision_count];
  return {table, table->bfloat16 ? static_cast<Precision>(number % precision_count) : Precision::highest};
}

}  // namespace rnnlm
