// 16-byte memory accesses: 4 float32 or 8 bfloat16, always handed around as float. V = 1 is the path for sizes or addresses that a
// vector does not divide.
#pragma once
#include "bfloat16.cuh"

// Elements of T in 16 bytes.
template <class T> constexpr int kVector = 16 / int(sizeof(T));

template <class T> DEVICE void load_vector(float (&values)[1], const T* p) { values[0] = to_float(*p); }
template <class T> DEVICE void store_vector(T* p, const float (&values)[1]) { *p = from_float<T>(values[0]); }

DEVICE void load_vector(float (&values)[4], const float* p) {
    const float4 v = *reinterpret_cast<const float4*>(p);
    values[0] = v.x, values[1] = v.y, values[2] = v.z, values[3] = v.w;
}

DEVICE void store_vector(float* p, const float (&values)[4]) {
    *reinterpret_cast<float4*>(p) = make_float4(values[0], values[1], values[2], values[3]);
}

DEVICE void load_vector(float (&values)[8], const bf16* p) {
    const uint4 v = *reinterpret_cast<const uint4*>(p);
    values[0] = low_bf16(v.x), values[1] = high_bf16(v.x), values[2] = low_bf16(v.y), values[3] = high_bf16(v.y);
    values[4] = low_bf16(v.z), values[5] = high_bf16(v.z), values[6] = low_bf16(v.w), values[7] = high_bf16(v.w);
}

DEVICE void store_vector(bf16* p, const float (&values)[8]) {
    *reinterpret_cast<uint4*>(p) = make_uint4(pack_bf16x2(values[0], values[1]), pack_bf16x2(values[2], values[3]),
                                              pack_bf16x2(values[4], values[5]), pack_bf16x2(values[6], values[7]));
}

// Half a vector: four bfloat16 in 8 bytes.
DEVICE void load_vector(float (&values)[4], const bf16* p) {
    const uint2 v = *reinterpret_cast<const uint2*>(p);
    values[0] = low_bf16(v.x), values[1] = high_bf16(v.x), values[2] = low_bf16(v.y), values[3] = high_bf16(v.y);
}

DEVICE void store_vector(bf16* p, const float (&values)[4]) {
    *reinterpret_cast<uint2*>(p) = make_uint2(pack_bf16x2(values[0], values[1]), pack_bf16x2(values[2], values[3]));
}
