// An array of zeros that ends at an inaccessible page, so that a kernel which reads or writes past its end crashes at once.
// The bytes before the array are checked when it is destroyed.
#pragma once
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "check.h"

namespace rnnlm {

template <class Element>
class GuardedArray {
 public:
  explicit GuardedArray(size_t size) : size_(size) {
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE)), bytes = size * sizeof(Element);
    const size_t usable = (bytes / page + 1) * page;
    mapped_ = usable + page;
    void* memory = mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, usable, PROT_READ | PROT_WRITE) != 0) abort();
    start_ = static_cast<unsigned char*>(memory);
    data_ = reinterpret_cast<Element*>(start_ + usable - bytes);
    watched_ = std::min<size_t>(256, usable - bytes);
    std::fill(before(), before() + watched_, filler);
  }
  GuardedArray(const GuardedArray& other) : GuardedArray(other.size_) {
    std::copy(other.begin(), other.end(), data_);
  }
  GuardedArray& operator=(const GuardedArray&) = delete;
  ~GuardedArray() {
    const bool intact =
        std::all_of(before(), before() + watched_, [](unsigned char byte) { return byte == filler; });
    if (!intact) check(false, "bytes before an array of %zu elements are untouched", size_);
    munmap(start_, mapped_);
  }

  size_t size() const { return size_; }
  Element* data() { return data_; }
  const Element* data() const { return data_; }
  Element* begin() { return data_; }
  Element* end() { return data_ + size_; }
  const Element* begin() const { return data_; }
  const Element* end() const { return data_ + size_; }
  Element& operator[](size_t i) { return data_[i]; }
  const Element& operator[](size_t i) const { return data_[i]; }

 private:
  static constexpr unsigned char filler = 0xA5;

  unsigned char* before() const { return reinterpret_cast<unsigned char*>(data_) - watched_; }

  size_t size_, mapped_, watched_;
  unsigned char* start_;
  Element* data_;
};

using Floats = GuardedArray<float>;

}  // namespace rnnlm
