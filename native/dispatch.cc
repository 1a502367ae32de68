#include "dispatch.h"

#include <string.h>

#include <algorithm>
#include <atomic>

#include "cpu.h"

namespace rnnlm {

#if defined(__x86_64__)
extern const KernelTable avx512_kernels, avx2_kernels, sse2_kernels;
extern const Bfloat16Kernels avx512_bf16_kernels;
#if defined(__linux__)
extern const Bfloat16Kernels amx_kernels;
#endif
#elif defined(__aarch64__)
extern const KernelTable neon_kernels;
#endif
extern const KernelTable scalar_kernels;

#if defined(__x86_64__)
// All of AVX-512, and products in bfloat16.
static KernelTable with_bfloat16(const char* isa, const Bfloat16Kernels& kernels) {
  KernelTable table = avx512_kernels;
  table.isa = isa;
  table.bfloat16 = &kernels;
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
    static const KernelTable amx = with_bfloat16("amx", amx_kernels);
    add_if(cpu.amx, amx);
#endif
    static const KernelTable avx512_bf16 = with_bfloat16(avx512_kernels.isa, avx512_bf16_kernels);
    add_if(cpu.avx512, cpu.has_fast_avx512_bf16 ? avx512_bf16 : avx512_kernels);
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

Method method_for(const KernelTable& table, Precision wanted) {
  const Bfloat16Kernels* bfloat16 = table.bfloat16;
  const bool has_units = bfloat16 && (wanted == Precision::high ? bfloat16->split : bfloat16->rounded).parts > 0;
  return {&table, has_units ? wanted : Precision::highest};
}

Method method_in_use() { return method_for(kernels(), wanted_precision.load(std::memory_order_relaxed)); }

size_t most_methods() { return static_cast<size_t>(available_tables().count) * precision_count; }

size_t number_of(const Method& method) {
  const AvailableTables& available = available_tables();
  const auto place = std::find(available.tables, available.tables + available.count, method.table) - available.tables;
  return static_cast<size_t>(place) * precision_count + static_cast<size_t>(method.precision);
}

Method method_of(size_t number) {
  return method_for(*available_tables().tables[number / precision_count], static_cast<Precision>(number % precision_count));
}

}  // namespace rnnlm
