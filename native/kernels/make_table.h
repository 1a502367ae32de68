// Collects the kernels compiled for one vector type in a table. Each instruction set's file includes this last.
#pragma once
#include "compact_weights.h"
#include "elementwise.h"
#include "matmul.h"
#include "reductions.h"
#include "updates.h"

namespace rnnlm {
namespace {

constexpr KernelTable make_table(const NarrowKernels& narrow = {}) {
  KernelTable table{};
  table.matmul.panel_columns = panel_columns;
  table.matmul.panel_depth = 1024;
  table.matmul.tile_rows = tile_rows;
  table.matmul.multiply_tile = multiply_tile;
  table.matmul.pack_panel = pack_panel;
  table.matmul.narrow = narrow;
#define RNNLM_SET(name, js_name) table.name = name;
  RNNLM_UNARY_KERNELS(RNNLM_SET)
  RNNLM_BINARY_KERNELS(RNNLM_SET)
  RNNLM_ACCUMULATING_KERNELS(RNNLM_SET)
#undef RNNLM_SET
#define RNNLM_SET(result, name, parameters) table.name = name;
  RNNLM_OTHER_KERNELS(RNNLM_SET)
#undef RNNLM_SET
#define RNNLM_SET(name, js_name, Rule) table.name = name;
  RNNLM_UPDATE_RULES(RNNLM_SET)
#undef RNNLM_SET
  return table;
}

}  // namespace
}  // namespace rnnlm
