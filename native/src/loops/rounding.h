// Rounding to 8 bits for products of quads (tile_product.h): each sum's inputs and weights by their own greatest magnitude.
#pragma once

#include "tile_product.h"

namespace diffusionad::LOOPS_ISA {
namespace {

constexpr int kMiddle = 128;  // what unsigned inputs are too large by
constexpr int kMostOfInput = 127;
constexpr uint32_t kMiddles = kMiddle * 0x01010101u;  // four inputs of zero

/** The step at which `greatest` is the count `most`; where all is (next to) zero, any. */
inline Floats stepOf(Floats greatest, int most) { return greatest > 1e-30f ? greatest * (1.0f / float(most)) : broadcast(1.0f); }

/** The integer next to v · inverse (to even at the middle) plus `offset` in the lowest byte: v is a count of at most a byte. */
inline Words rounded(Floats v, Floats inverse, int offset) { return wordsOf(multiplyAdd(v, inverse, broadcast(12582912.0f + float(offset)))) & 0xFFu; }

/** Four steps of weights, the earliest in the lowest byte. */
inline Words roundedQuad(const Floats* steps, Floats inverse) {
  Words quad{};
  for (int step = 0; step < 4; step++) quad |= rounded(steps[step], inverse, 0) << 8 * step;
  return quad;
}

/** Stores inputs, to the end of a quad. */
inline void storeInputs(uint8_t* p, Floats v, Floats inverse, Full) {
  const Bytes bytes = narrowToBytes(rounded(v, inverse, kMiddle));
  std::memcpy(p, &bytes, sizeof bytes);
}
inline void storeInputs(uint8_t* p, Floats v, Floats inverse, Part part) {
  const Bytes bytes = narrowToBytes(rounded(v, inverse, kMiddle));
  std::memcpy(p, &bytes, (part.count + 3) / 4 * 4);
}

}  // namespace
}  // namespace diffusionad::LOOPS_ISA
