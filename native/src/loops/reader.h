// Loads of values whose type the caller chooses: floating-point as it is, or 8 bits.
#pragma once

#include "vector.h"

namespace diffusionad::LOOPS_ISA {
namespace {

/** What a tensor of floating-point type holds. */
template <class T>
struct Reader {
  explicit Reader(Quantization) {}
  template <class Lanes>
  Floats operator()(const T* p, Lanes lanes) const {
    return load(p, lanes);
  }
};

/** What an 8-bit tensor holds, in steps; zero in lanes that take no part. */
template <>
struct Reader<uint8_t> {
  int32_t zeroPoint;

  explicit Reader(Quantization q) : zeroPoint(q.zeroPoint) {}

  Floats operator()(const uint8_t* p, Full) const {
    Bytes bytes;
    std::memcpy(&bytes, p, sizeof bytes);
    return __builtin_convertvector(widenBytes(bytes) - zeroPoint, Floats);
  }
  Floats operator()(const uint8_t* p, Part part) const {
    uint8_t lanes[kLanes];
    std::memset(lanes, zeroPoint, sizeof lanes);
    std::memcpy(lanes, p, part.count);
    return (*this)(lanes, Full{});
  }
};

}  // namespace
}  // namespace diffusionad::LOOPS_ISA
