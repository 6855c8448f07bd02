// Eight neighbouring floats that go through the same arithmetic: registers of one thread on a GPU, a vector register where the compiler is another.
#pragma once
#include "platform.cuh"

#ifdef __CUDACC__
// Before a loop that must keep its arrays in registers with any compiler: others ignore nvcc's pragma, and their header has a UNROLL of its own.
#define UNROLL _Pragma("unroll")
#endif

struct Lanes {
    static constexpr int kCount = 8;
#ifdef __CUDACC__
    float values[kCount];
#else
    emulated::Float8 values;
#endif

    static DEVICE Lanes zero() { return Lanes{}; }

    // From an address that is a multiple of 16 bytes.
    static DEVICE Lanes load(const float* p) {
#ifdef __CUDACC__
        const float4 a = reinterpret_cast<const float4*>(p)[0], b = reinterpret_cast<const float4*>(p)[1];
        return {{a.x, a.y, a.z, a.w, b.x, b.y, b.z, b.w}};
#else
        return Lanes{*reinterpret_cast<const emulated::Float8*>(p)};
#endif
    }

    DEVICE float operator[](int i) const { return values[i]; }
};

// A function of all lanes: of one after another on a GPU, of the whole vector elsewhere.
#ifdef __CUDACC__
#define OF_ALL_LANES(expression)                 \
    Lanes result;                                \
    UNROLL                                       \
    for (int i = 0; i < Lanes::kCount; i++) {    \
        result.values[i] = expression;           \
    }                                            \
    return result
#define LANE(x) x.values[i]
#else
#define OF_ALL_LANES(expression) return Lanes{expression}
#define LANE(x) x.values
#endif
DEVICE Lanes operator+(const Lanes& a, const Lanes& b) { OF_ALL_LANES(LANE(a) + LANE(b)); }
DEVICE Lanes operator-(const Lanes& a, const Lanes& b) { OF_ALL_LANES(LANE(a) - LANE(b)); }
DEVICE Lanes operator-(const Lanes& a, float b) { OF_ALL_LANES(LANE(a) - b); }
DEVICE Lanes operator*(const Lanes& a, const Lanes& b) { OF_ALL_LANES(LANE(a) * LANE(b)); }
DEVICE Lanes operator*(const Lanes& a, float b) { OF_ALL_LANES(LANE(a) * b); }
DEVICE Lanes fmaf(float a, const Lanes& b, const Lanes& c) { OF_ALL_LANES(fmaf(a, LANE(b), LANE(c))); }
DEVICE Lanes expf(const Lanes& a) { OF_ALL_LANES(expf(LANE(a))); }
#undef OF_ALL_LANES
#undef LANE

// The first `count` lanes; the others are `other`.
DEVICE Lanes first_of(const Lanes& a, int count, float other) {
    Lanes result = Lanes::zero();
    UNROLL
    for (int i = 0; i < Lanes::kCount; i++) {
        result.values[i] = i < count ? a[i] : other;
    }
    return result;
}

DEVICE float sum_of(const Lanes& a) {
    float sum = 0.f;
    UNROLL
    for (int i = 0; i < Lanes::kCount; i++) {
        sum += a[i];
    }
    return sum;
}

DEVICE float largest_of(const Lanes& a) {
    float largest[Lanes::kCount];
    UNROLL
    for (int i = 0; i < Lanes::kCount; i++) {
        largest[i] = a[i];
    }
    UNROLL
    for (int width = Lanes::kCount / 2; width > 0; width /= 2) {
        UNROLL
        for (int i = 0; i < width; i++) {
            largest[i] = largest[i] > largest[i + width] ? largest[i] : largest[i + width];
        }
    }
    return largest[0];
}
