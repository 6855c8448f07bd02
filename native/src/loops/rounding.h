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

/** Four steps of weights, the earliest in the lowest byte: the integers next to v · inverse (to even at the middle), of at most a byte. */
inline Words roundedQuad(const Floats* steps, Floats inverse) {
  Words quad{};
  for (int step = 0; step < 4; step++) quad |= (wordsOf(multiplyAdd(steps[step], inverse, broadcast(12582912.0f))) & 0xFFu) << 8 * step;
  return quad;
}

/** Stores vectors of inputs in a row, kMiddle too large; at the end of the channels, to the end of a quad. */
template <int N>
inline __attribute__((always_inline)) void storeInputs(uint8_t* p, Floats (&v)[N], Floats inverse, Full lanes) {
  for (Floats& each : v) each = multiplyAdd(each, inverse, broadcast(float(kMiddle)));
  storeBytes(p, v, lanes);
}
inline void storeInputs(uint8_t* p, Floats (&v)[1], Floats inverse, Part part) {
  storeBytes(p, multiplyAdd(v[0], inverse, broadcast(float(kMiddle))), Part{(part.count + 3) / 4 * 4});
}

}  // namespace
}  // namespace diffusionad::LOOPS_ISA
