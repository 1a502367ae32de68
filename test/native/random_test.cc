// Philox against the known answers of its authors; uniform and normal numbers against exact bits, the same on all machines.
#include "../../native/random.h"

#include "inputs.h"
#include "tests.h"

namespace rnnlm {
namespace {

constexpr uint64_t key = 0x0123456789abcdef;

struct KnownAnswer {
  uint64_t counter_high, counter_low, key;
  PhiloxBlock block;
};

// Random123's tests/kat_vectors, the lines philox4x32 10; the first word there is the lowest here.
constexpr KnownAnswer known_answers[] = {
    {0, 0, 0, {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}}},
    {~0ull, ~0ull, ~0ull, {{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}}},
    {0x0370734413198a2e, 0x85a308d3243f6a88, 0x299f31d0a4093822, {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}},
};

void test_known_answers() {
  for (const KnownAnswer& known : known_answers) {
    const PhiloxBlock block = philox(known.counter_high, known.counter_low, known.key);
    check(memcmp(block.words, known.block.words, sizeof block.words) == 0, "Philox gives %08x %08x %08x %08x",
          block.words[0], block.words[1], block.words[2], block.words[3]);
  }
}

template <class Element>
uint32_t word_of(Element value) {
  uint32_t word;
  memcpy(&word, &value, sizeof word);
  return word;
}

// FNV-1a over the words: one number to compare all bits.
template <class Element>
uint32_t digest(const GuardedArray<Element>& values) {
  uint32_t hash = 2166136261u;
  for (Element value : values) hash = (hash ^ word_of(value)) * 16777619u;
  return hash;
}

// Any length from any counter is part of the same stream.
template <class Element, class Fill>
void test_pieces(const char* name, Fill fill) {
  GuardedArray<Element> stream(64);
  fill(0, 64, stream.data());
  for (uint64_t counter : {0, 1, 5}) {
    for (size_t n = 0; n <= 17; n++) {
      GuardedArray<Element> piece(n);
      fill(counter, n, piece.data());
      check(std::equal(piece.begin(), piece.end(), stream.begin() + 4 * counter), "%zu %s from block %d on", n, name,
            static_cast<int>(counter));
    }
  }
}

void test_bits() {
  GuardedArray<uint32_t> bits(9);
  fill_bits(key, 7, 9, bits.data());
  const PhiloxBlock second = philox(0, 8, key);
  check(std::equal(second.words, second.words + 4, bits.begin() + 4), "bits are the blocks of the stream");
}

void test_uniform() {
  constexpr size_t many = 40000;
  Floats values(many);
  fill_uniform(key, 0, -1, 3, many, values.data());
  double sum = 0;
  for (float value : values) sum += static_cast<double>(value);
  const auto range = std::minmax_element(values.begin(), values.end());
  check(*range.first >= -1 && *range.second < 3, "uniform numbers are in their range");
  check(fabs(sum / many - 1) < 0.03, "uniform numbers have mean %g, not 1", sum / many);

  const float next = 0x1.000002p0f;
  fill_uniform(key, 0, 1, next, many, values.data());
  check(*std::max_element(values.begin(), values.end()) == 1, "uniform numbers never reach the upper end");
}

// Box and Muller with library functions, which may differ in the last bits.
void naive_normals(const PhiloxBlock& block, double* four) {
  for (int i = 0; i < 4; i += 2) {
    const double radius = sqrt(-2 * log((block.words[i] + 0.5) * 0x1p-32));
    const double angle = 6.283185307179586 * (block.words[i + 1] * 0x1p-32);
    four[i] = radius * cos(angle);
    four[i + 1] = radius * sin(angle);
  }
}

void test_normal() {
  constexpr size_t many = 40000;
  Floats values(many);
  fill_normal(key, 0, 1, many, values.data());
  double sum = 0, squares = 0, largest_error = 0;
  for (size_t i = 0; i < many; i += 4) {
    double exact[4];
    naive_normals(philox(0, i / 4, key), exact);
    for (size_t j = 0; j < 4; j++) {
      const double value = values[i + j];
      largest_error = fmax(largest_error, fabs(value - exact[j]) / fmax(1e-6, fabs(exact[j])));
      sum += value;
      squares += value * value;
    }
  }
  check(largest_error <= 1e-7, "normal numbers are off by %g of their value", largest_error);
  check(fabs(sum / many) < 0.02, "normal numbers have mean %g", sum / many);
  check(fabs(squares / many - 1) < 0.03, "normal numbers have variance %g", squares / many);
}

// From a run on x86-64; test_normal checks that they are correct.
void test_exact_bits() {
  Floats normals(40000), uniforms(40000);
  fill_normal(key, 0, 0.01f, normals.size(), normals.data());
  fill_uniform(key, 0, -1, 3, uniforms.size(), uniforms.data());
  const uint32_t first_normals[] = {0x3a904513, 0xbc03946e, 0xbcb62605, 0x3b4532d1};
  const uint32_t first_uniforms[] = {0x3ff0a044, 0x40058cb0, 0xbf2d6180, 0x3f6a13fc};
  for (size_t i = 0; i < 4; i++) {
    check(bits_of(normals[i]) == first_normals[i], "normal number %zu has the bits %08x", i, bits_of(normals[i]));
    check(bits_of(uniforms[i]) == first_uniforms[i], "uniform number %zu has the bits %08x", i, bits_of(uniforms[i]));
  }
  check(digest(normals) == 0x131023c6, "normal numbers have the digest %08x", digest(normals));
  check(digest(uniforms) == 0xf69fe6b0, "uniform numbers have the digest %08x", digest(uniforms));
}

}  // namespace

void test_random() {
  test_known_answers();
  test_pieces<uint32_t>("bits", [](uint64_t counter, size_t n, uint32_t* out) { fill_bits(key, counter, n, out); });
  test_pieces<float>("uniform numbers",
                     [](uint64_t counter, size_t n, float* out) { fill_uniform(key, counter, -1, 1, n, out); });
  test_pieces<float>("normal numbers",
                     [](uint64_t counter, size_t n, float* out) { fill_normal(key, counter, 1, n, out); });
  test_bits();
  test_uniform();
  test_normal();
  test_exact_bits();
}

}  // namespace rnnlm
