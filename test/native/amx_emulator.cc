// Emulates AMX, so that a machine without it can test the AMX kernels as they are shipped: a shared object for LD_PRELOAD
// (see amx.sh). Needs Linux on x86-64 with AVX-512 and AVX512-BF16, and a processor that supports CPUID faulting.
//
// On a processor without AMX, its instructions are illegal. A handler of SIGILL executes them as the Software Developer's
// Manual of Intel specifies, on tiles of the thread. CPUID faults (SIGSEGV), and the handler sets the bits of AMX. The
// system call that requests the tiles succeeds. Handlers of both signals that the program installs are kept, and called
// for all other faults.
#include <cpuid.h>
#include <dlfcn.h>
#include <immintrin.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <initializer_list>

namespace {

constexpr int most_rows = 16, most_bytes = 64, tile_count = 8;

struct Tile {
  uint8_t rows;
  uint16_t bytes;  // of a row
  alignas(64) uint8_t data[most_rows][most_bytes];
};

struct Configuration {
  uint8_t palette, start_row, reserved[14];
  uint16_t bytes[16];
  uint8_t rows[16];
};

thread_local Tile tiles[tile_count];
thread_local bool is_configured;

// ---- The instructions. Each returns false if the processor would fault, which then ends the program.

void release() {
  memset(tiles, 0, sizeof tiles);
  is_configured = false;
}

bool configure(const Configuration& wanted) {
  if (wanted.palette == 0) {
    release();
    return true;
  }
  if (wanted.palette != 1 || wanted.start_row != 0) return false;
  for (uint8_t byte : wanted.reserved) {
    if (byte != 0) return false;
  }
  for (int i = 0; i < 16; i++) {
    const int rows = wanted.rows[i], bytes = wanted.bytes[i];
    if ((i >= tile_count && (rows || bytes)) || rows > most_rows || bytes > most_bytes || bytes % 4 != 0) return false;
    if ((rows == 0) != (bytes == 0)) return false;
  }
  release();
  for (int i = 0; i < tile_count; i++) {
    tiles[i].rows = wanted.rows[i];
    tiles[i].bytes = wanted.bytes[i];
  }
  is_configured = true;
  return true;
}

void store_configuration(Configuration& out) {
  memset(&out, 0, sizeof out);
  if (!is_configured) return;
  out.palette = 1;
  for (int i = 0; i < tile_count; i++) {
    out.rows[i] = tiles[i].rows;
    out.bytes[i] = tiles[i].bytes;
  }
}

bool has_shape(int tile) { return is_configured && tile < tile_count && tiles[tile].rows > 0; }

bool zero(int tile) {
  if (!has_shape(tile)) return false;
  memset(tiles[tile].data, 0, sizeof tiles[tile].data);
  return true;
}

bool load(int tile, const uint8_t* memory, int64_t stride) {
  if (!zero(tile)) return false;
  for (int i = 0; i < tiles[tile].rows; i++) memcpy(tiles[tile].data[i], memory + i * stride, tiles[tile].bytes);
  return true;
}

bool store(int tile, uint8_t* memory, int64_t stride) {
  if (!has_shape(tile)) return false;
  for (int i = 0; i < tiles[tile].rows; i++) memcpy(memory + i * stride, tiles[tile].data[i], tiles[tile].bytes);
  return true;
}

float as_float(uint32_t upper_half) {
  const uint32_t bits = upper_half << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// TDPBF16PS: sums even and odd products separately, then adds both sums to C. Always rounds to nearest and treats denormals
// as 0, regardless of MXCSR.
bool multiply(int to, int from_a, int from_b) {
  if (!has_shape(to) || !has_shape(from_a) || !has_shape(from_b)) return false;
  if (to == from_a || to == from_b || from_a == from_b) return false;
  Tile& c = tiles[to];
  const Tile &a = tiles[from_a], &b = tiles[from_b];
  if (c.rows != a.rows || a.bytes / 4 != b.rows || c.bytes != b.bytes) return false;
  const unsigned saved = _mm_getcsr();
  _mm_setcsr(0x1f80 | 0x8000 | 0x0040);
  const __m512i odd_bits = _mm512_set1_epi32(static_cast<int>(0xffff0000));
  for (int i = 0; i < c.rows; i++) {
    __m512 even = _mm512_setzero_ps(), odd = _mm512_setzero_ps();
    for (int pair = 0; pair < b.rows; pair++) {
      uint16_t factors[2];
      memcpy(factors, a.data[i] + 4 * pair, sizeof factors);
      const __m512i row = _mm512_load_si512(b.data[pair]);
      even = _mm512_fmadd_ps(_mm512_set1_ps(as_float(factors[0])), _mm512_castsi512_ps(_mm512_slli_epi32(row, 16)), even);
      odd = _mm512_fmadd_ps(_mm512_set1_ps(as_float(factors[1])), _mm512_castsi512_ps(_mm512_and_si512(row, odd_bits)),
                            odd);
    }
    const __mmask16 columns = static_cast<__mmask16>((1u << c.bytes / 4) - 1);
    const __m512 sum = _mm512_add_ps(_mm512_load_ps(c.data[i]), _mm512_add_ps(even, odd));
    _mm512_store_ps(c.data[i], _mm512_maskz_mov_ps(columns, sum));
  }
  memset(c.data[c.rows], 0, static_cast<size_t>(most_rows - c.rows) * most_bytes);
  _mm_setcsr(saved);
  return true;
}

// ---- Their encoding: C4, two bytes of the VEX prefix, an opcode and the operands.

constexpr int registers[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                             REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

struct Instruction {
  const uint8_t* next;  // the next byte to decode
  const greg_t* values;
  int prefix, reg, third;  // the implied prefix (none, 66, F3, F2), the operand in ModRM.reg, the one in VEX.vvvv
  bool is_in_memory;
  int rm;           // if it is a register
  uint8_t* memory;  // otherwise: the address, and the distance of rows from the SIB index
  int64_t stride;

  Instruction(const uint8_t* start, const greg_t* gregs) : values(gregs) {
    const int extension = ~start[1], vex = start[2], modrm = start[4];
    const int base_extension = extension >> 2 & 8, index_extension = extension >> 3 & 8;
    prefix = vex & 3;
    third = ~vex >> 3 & 15;
    reg = (modrm >> 3 & 7) | (extension >> 4 & 8);
    is_in_memory = modrm >> 6 != 3;
    rm = (modrm & 7) | base_extension;
    memory = nullptr;
    stride = 0;
    next = start + 5;
    if (is_in_memory) read_address(modrm >> 6, modrm & 7, base_extension, index_extension);
  }

 private:
  int64_t value(int number) const { return values[registers[number]]; }

  template <class Integer>
  Integer read() {
    Integer result;
    memcpy(&result, next, sizeof result);
    next += sizeof result;
    return result;
  }

  void read_address(int mode, int base, int base_extension, int index_extension) {
    if (base == 4) {
      const uint8_t sib = read<uint8_t>();
      const int index = (sib >> 3 & 7) | index_extension;
      if (index != 4) stride = value(index) << (sib >> 6);
      base = sib & 7;
      if (base == 5 && mode == 0) return at(read<int32_t>());
    } else if (base == 5 && mode == 0) {
      const int32_t offset = read<int32_t>();
      return at(reinterpret_cast<int64_t>(next) + offset);
    }
    int64_t address = value(base | base_extension);
    if (mode == 1) address += read<int8_t>();
    if (mode == 2) address += read<int32_t>();
    at(address);
  }

  void at(int64_t address) { memory = reinterpret_cast<uint8_t*>(address); }
};

enum Prefix { none, p66, pF3, pF2 };

bool execute(const Instruction& instruction, int opcode) {
  const int tile = instruction.reg;
  uint8_t* const memory = instruction.memory;
  if (opcode == 0x49) {
    switch (instruction.prefix) {
      case none:
        if (instruction.is_in_memory) return configure(*reinterpret_cast<const Configuration*>(memory));
        release();
        return true;
      case p66: store_configuration(*reinterpret_cast<Configuration*>(memory)); return true;
      case pF2: return zero(tile);
    }
  } else if (opcode == 0x4b) {
    switch (instruction.prefix) {
      case p66:
      case pF2: return load(tile, memory, instruction.stride);
      case pF3: return store(tile, memory, instruction.stride);
    }
  } else if (opcode == 0x5c && instruction.prefix == pF3) {
    return multiply(tile, instruction.rm, instruction.third);
  }
  return false;
}

bool emulate_one(greg_t* registers_now) {
  const uint8_t* start = reinterpret_cast<const uint8_t*>(registers_now[REG_RIP]);
  if (start[0] != 0xc4 || (start[1] & 31) != 2 || (start[2] & 0x84) != 0) return false;  // VEX.128.0F38.W0
  const Instruction instruction(start, registers_now);
  if (!execute(instruction, start[3])) return false;
  registers_now[REG_RIP] = reinterpret_cast<greg_t>(instruction.next);
  return true;
}

// Also executes the AMX instructions that follow directly, since a signal costs more than an instruction.
bool emulate(greg_t* registers_now) {
  if (!emulate_one(registers_now)) return false;
  while (emulate_one(registers_now)) {
  }
  return true;
}

// ---- CPUID and the permission to use tiles.

constexpr long set_cpuid = 0x1012, request_permission = 0x1023;

template <class... Arguments>
long real_syscall(Arguments... arguments) {
  static const auto function = reinterpret_cast<long (*)(long, ...)>(dlsym(RTLD_NEXT, "syscall"));
  return function(arguments...);
}

bool answer_cpuid(greg_t* registers_now) {
  const uint8_t* start = reinterpret_cast<const uint8_t*>(registers_now[REG_RIP]);
  if (start[0] != 0x0f || start[1] != 0xa2) return false;
  const uint32_t leaf = static_cast<uint32_t>(registers_now[REG_RAX]);
  const uint32_t subleaf = static_cast<uint32_t>(registers_now[REG_RCX]);
  uint32_t eax, ebx, ecx, edx;
  real_syscall(SYS_arch_prctl, set_cpuid, 1L);
  __cpuid_count(leaf, subleaf, eax, ebx, ecx, edx);
  real_syscall(SYS_arch_prctl, set_cpuid, 0L);
  if (leaf == 7 && subleaf == 0) edx |= 1u << 22 | 1u << 24;
  registers_now[REG_RAX] = eax;
  registers_now[REG_RBX] = ebx;
  registers_now[REG_RCX] = ecx;
  registers_now[REG_RDX] = edx;
  registers_now[REG_RIP] += 2;
  return true;
}

// ---- Signals: handled here first, then by the program.

using SetAction = int (*)(int, const struct sigaction*, struct sigaction*);

struct sigaction actions_of_program[2];  // SIGILL, SIGSEGV

bool is_ours(int number) { return number == SIGILL || number == SIGSEGV; }
struct sigaction& action_of_program(int number) { return actions_of_program[number == SIGSEGV]; }

int real_sigaction(int number, const struct sigaction* wanted, struct sigaction* before) {
  static const auto function = reinterpret_cast<SetAction>(dlsym(RTLD_NEXT, "sigaction"));
  return function(number, wanted, before);
}

void hand_on(int number, siginfo_t* info, void* context) {
  const struct sigaction& action = action_of_program(number);
  if (action.sa_flags & SA_SIGINFO) return action.sa_sigaction(number, info, context);
  if (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN) return action.sa_handler(number);
  real_sigaction(number, &action, nullptr);  // back to the instruction, which then ends the program
}

void handle(int number, siginfo_t* info, void* context) {
  greg_t* registers_now = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const bool is_done = number == SIGILL ? emulate(registers_now)
                                        : info->si_code == SI_KERNEL && answer_cpuid(registers_now);
  if (!is_done) hand_on(number, info, context);
}

__attribute__((constructor)) void start() {
  struct sigaction action = {};
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
  for (int number : {SIGILL, SIGSEGV}) real_sigaction(number, &action, &action_of_program(number));
  if (real_syscall(SYS_arch_prctl, set_cpuid, 0L) != 0) {
    fprintf(stderr, "amx_emulator: CPUID does not fault on this machine\n");
    _exit(2);
  }
}

}  // namespace

extern "C" {

int sigaction(int number, const struct sigaction* wanted, struct sigaction* before) noexcept {
  if (!is_ours(number)) return real_sigaction(number, wanted, before);
  if (before) *before = action_of_program(number);
  if (wanted) action_of_program(number) = *wanted;
  return 0;
}

sighandler_t signal(int number, sighandler_t handler) noexcept {
  struct sigaction wanted = {}, before;
  wanted.sa_handler = handler;
  wanted.sa_flags = SA_RESTART;
  return sigaction(number, &wanted, &before) == 0 ? before.sa_handler : SIG_ERR;
}

long syscall(long number, ...) noexcept {
  va_list list;
  va_start(list, number);
  long a[6];
  for (long& argument : a) argument = va_arg(list, long);
  va_end(list);
  if (number == SYS_arch_prctl && a[0] == request_permission) return 0;
  return real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

}  // extern "C"
