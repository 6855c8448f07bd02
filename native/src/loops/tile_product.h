// Small matrix products for tiles that stay in the nearest caches.
#pragma once

#include "vector.h"

namespace diffusionad::LOOPS_ISA {
namespace {

/** The registers of a block: Step::kRows x kBlockColumns vectors of C, a row of vectors of B and one element of A. */
#if defined(__AVX512F__)
constexpr int kBlockColumns = 4;
#else
constexpr int kBlockColumns = 2;
#endif
constexpr int kBlockWidth = kBlockColumns * kLanes;

/** How A, B and C are held, what the registers hold of C, and what one step of the inner dimension does. */
struct FloatStep {
  using Element = float;
  using Sum = float;
  using Sums = Floats;
  static constexpr int kRows = 6;
  static Floats left(const float* a) { return broadcast(*a); }
  static Floats right(const float* b) { return load(b, Full{}); }
  static Floats step(Floats sum, Floats a, Floats b) { return multiplyAdd(a, b, sum); }
};

#if defined(__AVX512BF16__)
/** Two steps at once: an element is a pair of bfloat16, the earlier step in the lower half. */
struct PairStep {
  using Element = uint32_t;
  using Sum = float;
  using Sums = Floats;
  static constexpr int kRows = 6;
  static __m512bh left(const uint32_t* a) { return reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(*a))); }
  static __m512bh right(const uint32_t* b) { return reinterpret_cast<__m512bh>(_mm512_loadu_si512(b)); }
  static Floats step(Floats sum, __m512bh a, __m512bh b) { return _mm512_dpbf16_ps(sum, a, b); }
};
#endif

/**
 * Four steps at once: an element is four 8-bit numbers, the earliest in the lowest byte, unsigned in A and signed in B. Sums are exact where no number of B is
 * beyond +-kMostOfB: without instructions for it, two products are summed in 16 bits, which saturate.
 */
struct QuadStep {
  using Element = uint32_t;
  using Sum = int32_t;
  using Sums = Ints;

#if defined(__AVX512VNNI__)
  static constexpr int kRows = 6;
  static constexpr int kMostOfB = 127;
  static Ints step(Ints sum, Words a, Words b) { return sumsOf(_mm512_dpbusd_epi32(bitsOf(sum), bitsOf(a), bitsOf(b))); }
#elif defined(__AVXVNNI__)
  static constexpr int kRows = 6;
  static constexpr int kMostOfB = 127;
  static Ints step(Ints sum, Words a, Words b) { return sumsOf(_mm256_dpbusd_avx_epi32(bitsOf(sum), bitsOf(a), bitsOf(b))); }
#elif defined(__AVX512F__)
  static constexpr int kRows = 5;
  static constexpr int kMostOfB = 64;
  static Ints step(Ints sum, Words a, Words b) {
    const __m512i pairs = _mm512_maddubs_epi16(bitsOf(a), bitsOf(b));
    return sum + sumsOf(_mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
  }
#elif defined(__AVX2__)
  static constexpr int kRows = 4;
  static constexpr int kMostOfB = 64;
  static Ints step(Ints sum, Words a, Words b) {
    const __m256i pairs = _mm256_maddubs_epi16(bitsOf(a), bitsOf(b));
    return sum + sumsOf(_mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
#else
  static constexpr int kRows = 4;
  static constexpr int kMostOfB = 127;
  static Ints step(Ints sum, Words a, Words b) {
    for (int shift = 0; shift < 32; shift += 8) {
      const Ints left = reinterpret_cast<Ints>(a >> shift & 0xFFu), right = reinterpret_cast<Ints>(b << (24 - shift)) >> 24;
      sum += left * right;
    }
    return sum;
  }
#endif
  static Words left(const uint32_t* a) { return *a - Words{}; }
  static Words right(const uint32_t* b) { return load(b, Full{}); }

 private:
#if defined(__AVX512F__)
  template <class V>
  static __m512i bitsOf(V v) { return reinterpret_cast<__m512i>(v); }
  static Ints sumsOf(__m512i v) { return reinterpret_cast<Ints>(v); }
#elif defined(__AVX2__)
  template <class V>
  static __m256i bitsOf(V v) { return reinterpret_cast<__m256i>(v); }
  static Ints sumsOf(__m256i v) { return reinterpret_cast<Ints>(v); }
#endif
};

/** What the sums of C start from: zero, what C holds, or a row of numbers, the same for all rows of C. */
enum class Start { Zero, Sums, Row };

template <class Step, Start From, int Rows, int Columns>
inline __attribute__((always_inline)) void productBlock(typename Step::Sum* c, int64_t ldc, const typename Step::Element* a, int64_t rowStride, int64_t innerStride,
                                                        const typename Step::Element* b, int64_t ldb, int inner, const typename Step::Sum* start) {
  typename Step::Sums sum[Rows][Columns];
  for (int i = 0; i < Rows; i++) {
    for (int j = 0; j < Columns; j++) {
      sum[i][j] = typename Step::Sums{};
      if (From == Start::Sums) sum[i][j] = load(c + i * ldc + j * kLanes, Full{});
      if (From == Start::Row) sum[i][j] = load(start + j * kLanes, Full{});
    }
  }
  for (int k = 0; k < inner; k++) {
    decltype(Step::right(b)) right[Columns];
    for (int j = 0; j < Columns; j++) right[j] = Step::right(b + k * ldb + j * kLanes);
    for (int i = 0; i < Rows; i++) {
      const auto left = Step::left(a + i * rowStride + k * innerStride);
      for (int j = 0; j < Columns; j++) sum[i][j] = Step::step(sum[i][j], left, right[j]);
    }
  }
  for (int i = 0; i < Rows; i++) {
    for (int j = 0; j < Columns; j++) store(c + i * ldc + j * kLanes, sum[i][j], Full{});
  }
}

template <class Step, Start From, int Rows, int Columns>
inline void productRows(typename Step::Sum* c, int64_t ldc, const typename Step::Element* a, int64_t rowStride, int64_t innerStride,
                        const typename Step::Element* b, int64_t ldb, int rows, int inner, const typename Step::Sum* start) {
  int i = 0;
  for (; i + Rows <= rows; i += Rows) {
    productBlock<Step, From, Rows, Columns>(c + i * ldc, ldc, a + i * rowStride, rowStride, innerStride, b, ldb, inner, start);
  }
  if constexpr (Rows > 1) {
    if (i < rows) productRows<Step, From, Rows - 1, Columns>(c + i * ldc, ldc, a + i * rowStride, rowStride, innerStride, b, ldb, rows - i, inner, start);
  }
}

/**
 * C (rows x columns) = start + A·B; `start` is the row of Start::Row. A is read element by element as a[i·rowStride + k·innerStride], so that it may be a transpose;
 * B is (inner x columns), columns a multiple of kLanes, row-major with row strides ldb, as C with ldc. Every element of C is one sum in the
 * order of the inner dimension.
 */
template <class Step, Start From>
void tileProduct(typename Step::Sum* c, int64_t ldc, const typename Step::Element* a, int64_t rowStride, int64_t innerStride, const typename Step::Element* b,
                 int64_t ldb, int rows, int columns, int inner, const typename Step::Sum* start = nullptr) {
  int j = 0;
  for (; j + kBlockColumns * kLanes <= columns; j += kBlockColumns * kLanes) {
    productRows<Step, From, Step::kRows, kBlockColumns>(c + j, ldc, a, rowStride, innerStride, b + j, ldb, rows, inner, From == Start::Row ? start + j : nullptr);
  }
  for (; j < columns; j += kLanes) {
    productRows<Step, From, Step::kRows, 1>(c + j, ldc, a, rowStride, innerStride, b + j, ldb, rows, inner, From == Start::Row ? start + j : nullptr);
  }
}

}  // namespace
}  // namespace diffusionad::LOOPS_ISA
