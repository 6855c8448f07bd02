// A small matrix product for tiles that stay in the nearest caches.
#pragma once

#include "vector.h"

namespace diffusionad::LOOPS_ISA {
namespace {

/** The registers of a block: kRows x kColumns vectors of C, one vector of B and one element of A. */
#if defined(__AVX512F__)
constexpr int kBlockRows = 6, kBlockColumns = 4;
#else
constexpr int kBlockRows = 4, kBlockColumns = 2;
#endif

template <bool Accumulate, int Rows, int Columns>
inline void productBlock(float* c, int64_t ldc, const float* a, int64_t rowStride, int64_t innerStride, const float* b, int64_t ldb, int inner) {
  Floats sum[Rows][Columns];
  for (int i = 0; i < Rows; i++) {
    for (int j = 0; j < Columns; j++) sum[i][j] = Accumulate ? load(c + i * ldc + j * kLanes, Full{}) : Floats{};
  }
  for (int k = 0; k < inner; k++) {
    Floats right[Columns];
    for (int j = 0; j < Columns; j++) right[j] = load(b + k * ldb + j * kLanes, Full{});
    for (int i = 0; i < Rows; i++) {
      const Floats left = broadcast(a[i * rowStride + k * innerStride]);
      for (int j = 0; j < Columns; j++) sum[i][j] = multiplyAdd(left, right[j], sum[i][j]);
    }
  }
  for (int i = 0; i < Rows; i++) {
    for (int j = 0; j < Columns; j++) store(c + i * ldc + j * kLanes, sum[i][j], Full{});
  }
}

template <bool Accumulate, int Columns>
inline void productRows(float* c, int64_t ldc, const float* a, int64_t rowStride, int64_t innerStride, const float* b, int64_t ldb, int rows, int inner) {
  int i = 0;
  for (; i + kBlockRows <= rows; i += kBlockRows) {
    productBlock<Accumulate, kBlockRows, Columns>(c + i * ldc, ldc, a + i * rowStride, rowStride, innerStride, b, ldb, inner);
  }
  for (; i < rows; i++) {
    productBlock<Accumulate, 1, Columns>(c + i * ldc, ldc, a + i * rowStride, rowStride, innerStride, b, ldb, inner);
  }
}

/**
 * C (rows x columns) = or += A·B. A is read element by element as a[i·rowStride + k·innerStride], so that it may be a transpose;
 * B is (inner x columns), columns a multiple of kLanes, row-major with row strides ldb, as C with ldc.
 */
template <bool Accumulate>
void tileProduct(float* c, int64_t ldc, const float* a, int64_t rowStride, int64_t innerStride, const float* b, int64_t ldb, int rows, int columns,
                 int inner) {
  int j = 0;
  for (; j + kBlockColumns * kLanes <= columns; j += kBlockColumns * kLanes) {
    productRows<Accumulate, kBlockColumns>(c + j, ldc, a, rowStride, innerStride, b + j, ldb, rows, inner);
  }
  for (; j < columns; j += kLanes) {
    productRows<Accumulate, 1>(c + j, ldc, a, rowStride, innerStride, b + j, ldb, rows, inner);
  }
}

}  // namespace
}  // namespace diffusionad::LOOPS_ISA
