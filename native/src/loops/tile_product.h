// Small matrix products for tiles that stay in the nearest caches.
#pragma once

#include "vector.h"

namespace diffusionad::LOOPS_ISA {
namespace {

/** The registers of a block: kBlockRows x kBlockColumns vectors of C, a row of vectors of B and one element of A. */
#if defined(__AVX512F__)
constexpr int kBlockRows = 6, kBlockColumns = 4;
#else
constexpr int kBlockRows = 6, kBlockColumns = 2;
#endif

/** C is float32; how A and B are held, and what one step of the inner dimension does. */
struct FloatStep {
  using Element = float;
  static Floats left(const float* a) { return broadcast(*a); }
  static Floats right(const float* b) { return load(b, Full{}); }
  static Floats step(Floats sum, Floats a, Floats b) { return multiplyAdd(a, b, sum); }
};

#if defined(__AVX512BF16__)
/** Two steps at once: an element is a pair of bfloat16, the earlier step in the lower half. */
struct PairStep {
  using Element = uint32_t;
  static __m512bh left(const uint32_t* a) { return reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(*a))); }
  static __m512bh right(const uint32_t* b) { return reinterpret_cast<__m512bh>(_mm512_loadu_si512(b)); }
  static Floats step(Floats sum, __m512bh a, __m512bh b) { return _mm512_dpbf16_ps(sum, a, b); }
};
#endif

template <class Step, bool Accumulate, int Rows, int Columns>
inline __attribute__((always_inline)) void productBlock(float* c, int64_t ldc, const typename Step::Element* a, int64_t rowStride, int64_t innerStride,
                                                        const typename Step::Element* b, int64_t ldb, int inner) {
  Floats sum[Rows][Columns];
  for (int i = 0; i < Rows; i++) {
    for (int j = 0; j < Columns; j++) sum[i][j] = Accumulate ? load(c + i * ldc + j * kLanes, Full{}) : Floats{};
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

template <class Step, bool Accumulate, int Columns>
inline void productRows(float* c, int64_t ldc, const typename Step::Element* a, int64_t rowStride, int64_t innerStride,
                        const typename Step::Element* b, int64_t ldb, int rows, int inner) {
  int i = 0;
  for (; i + kBlockRows <= rows; i += kBlockRows) {
    productBlock<Step, Accumulate, kBlockRows, Columns>(c + i * ldc, ldc, a + i * rowStride, rowStride, innerStride, b, ldb, inner);
  }
  c += i * ldc;
  a += i * rowStride;
  switch (rows - i) {
    case 1: return productBlock<Step, Accumulate, 1, Columns>(c, ldc, a, rowStride, innerStride, b, ldb, inner);
    case 2: return productBlock<Step, Accumulate, 2, Columns>(c, ldc, a, rowStride, innerStride, b, ldb, inner);
    case 3: return productBlock<Step, Accumulate, 3, Columns>(c, ldc, a, rowStride, innerStride, b, ldb, inner);
    case 4: return productBlock<Step, Accumulate, 4, Columns>(c, ldc, a, rowStride, innerStride, b, ldb, inner);
    case 5: return productBlock<Step, Accumulate, 5, Columns>(c, ldc, a, rowStride, innerStride, b, ldb, inner);
    default: return;
  }
}

/**
 * C (rows x columns) = or += A·B. A is read element by element as a[i·rowStride + k·innerStride], so that it may be a transpose;
 * B is (inner x columns), columns a multiple of kLanes, row-major with row strides ldb, as C with ldc. Every element of C is one sum in the
 * order of the inner dimension.
 */
template <class Step, bool Accumulate>
void tileProduct(float* c, int64_t ldc, const typename Step::Element* a, int64_t rowStride, int64_t innerStride, const typename Step::Element* b,
                 int64_t ldb, int rows, int columns, int inner) {
  int j = 0;
  for (; j + kBlockColumns * kLanes <= columns; j += kBlockColumns * kLanes) {
    productRows<Step, Accumulate, kBlockColumns>(c + j, ldc, a, rowStride, innerStride, b + j, ldb, rows, inner);
  }
  for (; j < columns; j += kLanes) {
    productRows<Step, Accumulate, 1>(c + j, ldc, a, rowStride, innerStride, b + j, ldb, rows, inner);
  }
}

}  // namespace
}  // namespace diffusionad::LOOPS_ISA
