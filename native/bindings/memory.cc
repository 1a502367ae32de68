#include <stdint.h>
#ifdef __linux__
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "bindings.h"
#include "fixed_memory.h"

namespace rnnlm {
namespace {

constexpr uint64_t alignment = 64;  // a cache line, and the widest vector

struct Bytes {
  uint64_t address;
  size_t length;
};

Bytes buffer_of(Arguments& arguments) {
  void* data;
  size_t length;
  if (napi_get_arraybuffer_info(arguments.env(), arguments.next("buffer"), &data, &length) != napi_ok) {
    arguments.refuse("buffer", "an ArrayBuffer");
  }
  return {reinterpret_cast<uintptr_t>(data), length};
}

// alignedOffset(buffer) → the number of bytes before the first aligned address in the buffer
Napi::Value aligned_offset(Arguments& arguments) {
  const uint64_t address = buffer_of(arguments).address;
  return Napi::Number::New(arguments.env(), static_cast<double>((alignment - address % alignment) % alignment));
}

// fixedBuffer(bytes) → a buffer of zeros that can be neither detached nor resized, or null if none is available
Napi::Value fixed_buffer(Arguments& arguments) { return make_fixed_buffer(arguments.env(), arguments.length("bytes")); }

// preferLargePages(buffer): asks Linux for pages of 2 MB, which it may ignore; does nothing on other systems. With fewer
// pages there are fewer TLB misses, and hardware prefetching, which stops at the end of a page, stops less often. Works best
// before the first write.
void prefer_large_pages(Arguments& arguments) {
  [[maybe_unused]] const Bytes buffer = buffer_of(arguments);
#ifdef __linux__
  const uint64_t page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const uint64_t start = (buffer.address + page - 1) / page * page, end = (buffer.address + buffer.length) / page * page;
  if (end > start) madvise(reinterpret_cast<void*>(start), end - start, MADV_HUGEPAGE);
#endif
}

}  // namespace

void bind_memory(Napi::Object exports) {
  bind<aligned_offset>(exports, "alignedOffset");
  bind<fixed_buffer>(exports, "fixedBuffer");
  bind<prefer_large_pages>(exports, "preferLargePages");
}

}  // namespace rnnlm
