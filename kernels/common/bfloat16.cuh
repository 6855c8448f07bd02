// bfloat16 as storage: the upper half of a float32, rounded to nearest even. No vendor header needed.
#pragma once
#include "platform.cuh"

struct bf16 {
    uint16_t bits;
};

DEVICE float to_float(float x) { return x; }
DEVICE float to_float(bf16 x) { return __uint_as_float(uint32_t(x.bits) << 16); }

// Two floats to two bf16 in one register, `low` in the lower half.
DEVICE uint32_t pack_bf16x2(float low, float high) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    uint32_t packed;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(packed) : "f"(high), "f"(low));
    return packed;
#else
    const uint32_t a = __float_as_uint(low), b = __float_as_uint(high);
    const uint32_t ra = low != low ? 0x7FFFu : (a + 0x7FFFu + ((a >> 16) & 1u)) >> 16;
    const uint32_t rb = high != high ? 0x7FFFu : (b + 0x7FFFu + ((b >> 16) & 1u)) >> 16;
    return ra | (rb << 16);
#endif
}

DEVICE float low_bf16(uint32_t packed) { return __uint_as_float(packed << 16); }
DEVICE float high_bf16(uint32_t packed) { return __uint_as_float(packed & 0xFFFF0000u); }

// from_float<bf16>(x), from_float<float>(x)
template <class T> DEVICE T from_float(float x);
template <> DEVICE float from_float<float>(float x) { return x; }
template <> DEVICE bf16 from_float<bf16>(float x) { return bf16{uint16_t(pack_bf16x2(x, 0.f))}; }
