// Stores of results whose type the caller chooses: floating-point as it is, or 8 bits.
#pragma once

#include "vector.h"

namespace diffusionad::LOOPS_ISA {
namespace {

/** An 8-bit result shows less than a bfloat16 one. */
template <>
inline Floats sigmoidFor<uint8_t>(Floats x) {
  return sigmoidFor<Bfloat16>(x);
}

/** Where results go, some vectors in a row: into a tensor of floating-point type as they are. */
template <class T>
struct Writer {
  explicit Writer(Quantization) {}
  template <int N, class Lanes>
  void operator()(T* p, const Floats (&v)[N], Lanes lanes) const {
    for (int i = 0; i < N; i++) store(p + i * kLanes, v[i], lanes);
  }
};

/** Into an 8-bit tensor, rounded to the nearest step (to even at the middle) and clamped to what 8 bits can say; NaN becomes any number. */
template <>
struct Writer<uint8_t> {
  float steps, zeroPoint;

  explicit Writer(Quantization q) : steps(1.0f / q.scale), zeroPoint(static_cast<float>(q.zeroPoint)) {}

  template <int N, class Lanes>
  void operator()(uint8_t* p, const Floats (&v)[N], Lanes lanes) const {
    Floats counts[N];
    for (int i = 0; i < N; i++) counts[i] = atMost(multiplyAdd(v[i], broadcast(steps), broadcast(zeroPoint)), 255.0f);
    storeBytes(p, counts, lanes);
  }
};

}  // namespace
}  // namespace diffusionad::LOOPS_ISA
