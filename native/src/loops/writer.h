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

/** Where results go: into a tensor of floating-point type as they are. */
template <class T>
struct Writer {
  explicit Writer(Quantization) {}
  template <class Lanes>
  void operator()(T* p, Floats v, Lanes lanes) const {
    store(p, v, lanes);
  }
};

/** Into an 8-bit tensor, rounded to the nearest step (to even at the middle) and clamped to what 8 bits can say; NaN becomes any number. */
template <>
struct Writer<uint8_t> {
  float steps, zeroPoint;

  explicit Writer(Quantization q) : steps(1.0f / q.scale), zeroPoint(static_cast<float>(q.zeroPoint)) {}

  Bytes quantized(Floats v) const {
    const Floats q = atMost(atLeast(multiplyAdd(v, broadcast(steps), broadcast(zeroPoint)), 0.0f), 255.0f);
    return narrowToBytes(wordsOf(q + 12582912.0f) & 0xFFu);  // the sum's low bits hold the nearest integer
  }
  void operator()(uint8_t* p, Floats v, Full) const {
    const Bytes bytes = quantized(v);
    std::memcpy(p, &bytes, sizeof bytes);
  }
  void operator()(uint8_t* p, Floats v, Part part) const {
    const Bytes bytes = quantized(v);
    std::memcpy(p, &bytes, part.count);
  }
};

}  // namespace
}  // namespace diffusionad::LOOPS_ISA
