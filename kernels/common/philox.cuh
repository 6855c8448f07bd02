// Philox 4x32-10 and Box-Muller normals, bit for bit as io.diffusionad.random.Philox defines them: all products and sums are either
// single roundings or explicit fused multiply-adds, so nothing is left to the compiler.
#pragma once
#include "platform.cuh"

DEVICE uint4 philox_block(uint64_t seed, uint32_t purpose, uint64_t sample, uint32_t block) {
    uint32_t k0 = uint32_t(seed), k1 = uint32_t(seed >> 32);
    uint32_t c0 = block, c1 = purpose, c2 = uint32_t(sample), c3 = uint32_t(sample >> 32);
#pragma unroll
    for (int round = 0; round < 10; round++) {
        const uint32_t n0 = __umulhi(0xCD9E8D57u, c2) ^ c1 ^ k0;
        const uint32_t n2 = __umulhi(0xD2511F53u, c0) ^ c3 ^ k1;
        c1 = 0xCD9E8D57u * c2;
        c3 = 0xD2511F53u * c0;
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return make_uint4(c0, c1, c2, c3);
}

// ln(u) for u in (0, 1]: Cephes' logf polynomial on u = m * 2^e, m in [sqrt(1/2), sqrt(2)).
DEVICE float philox_log(float u) {
    const uint32_t bits = __float_as_uint(u);
    int exponent = int(bits >> 23) - 126;
    float m = __uint_as_float((bits & 0x007FFFFFu) | 0x3F000000u);
    if (m < 0.70710678f) {
        exponent--;
        m = __fadd_rn(m, m);
    }
    const float x = __fadd_rn(m, -1.f);
    const float z = __fmul_rn(x, x);
    float y = 7.0376836292e-2f;
    y = __fmaf_rn(y, x, -1.1514610310e-1f);
    y = __fmaf_rn(y, x, 1.1676998740e-1f);
    y = __fmaf_rn(y, x, -1.2420140846e-1f);
    y = __fmaf_rn(y, x, 1.4249322787e-1f);
    y = __fmaf_rn(y, x, -1.6668057665e-1f);
    y = __fmaf_rn(y, x, 2.0000714765e-1f);
    y = __fmaf_rn(y, x, -2.4999993993e-1f);
    y = __fmaf_rn(y, x, 3.3333331174e-1f);
    y = __fmul_rn(__fmul_rn(y, x), z);
    y = __fmaf_rn(float(exponent), -2.12194440e-4f, y);
    y = __fmaf_rn(-0.5f, z, y);
    return __fmaf_rn(float(exponent), 0.693359375f, __fadd_rn(x, y));
}

// sin(2*pi*turn) for turn in [0, 1.25).
DEVICE float philox_sin_turn(float turn) {
    float t = turn >= 1.f ? __fadd_rn(turn, -1.f) : turn;
    float sign = 1.f;
    if (t >= 0.5f) {
        t = __fadd_rn(t, -0.5f);
        sign = -1.f;
    }
    if (t > 0.25f) {
        t = __fadd_rn(0.5f, -t);
    }
    const float x = __fmul_rn(t, 6.2831855f);
    const float z = __fmul_rn(x, x);
    float y = -2.5052108e-8f;
    y = __fmaf_rn(y, z, 2.7557319e-6f);
    y = __fmaf_rn(y, z, -1.9841270e-4f);
    y = __fmaf_rn(y, z, 8.3333333e-3f);
    y = __fmaf_rn(y, z, -1.6666667e-1f);
    return __fmul_rn(sign, __fmaf_rn(__fmul_rn(y, z), x, x));
}

// Two standard normals from two words.
DEVICE void philox_normal_pair(float& first, float& second, uint32_t a, uint32_t b) {
    const float scale = 5.9604644775390625e-8f; // 2^-24
    const float radius = __fsqrt_rn(__fmul_rn(-2.f, philox_log(__fmul_rn(float((a >> 8) + 1u), scale))));
    const float turn = __fmul_rn(float(b >> 8), scale);
    first = __fmul_rn(radius, philox_sin_turn(__fadd_rn(turn, 0.25f)));
    second = __fmul_rn(radius, philox_sin_turn(turn));
}
