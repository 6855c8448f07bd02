// Numbers in emulated device memory, which is host memory here, as doubles.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace stand_in {

enum class Type { kFloat32, kBfloat16 };

inline size_t bytes_of(Type type) { return type == Type::kFloat32 ? 4 : 2; }

inline double load(Type type, uint64_t address, int64_t index) {
    uint32_t bits = 0;
    if (type == Type::kFloat32) {
        std::memcpy(&bits, reinterpret_cast<const char*>(address) + 4 * index, 4);
    } else {
        std::memcpy(reinterpret_cast<char*>(&bits) + 2, reinterpret_cast<const char*>(address) + 2 * index, 2);
    }
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
}

inline void store(Type type, uint64_t address, int64_t index, double value) {
    const float rounded = float(value);
    uint32_t bits;
    std::memcpy(&bits, &rounded, 4);
    if (type == Type::kFloat32) {
        std::memcpy(reinterpret_cast<char*>(address) + 4 * index, &bits, 4);
        return;
    }
    const uint32_t to_even = std::isnan(rounded) ? bits : bits + 0x7FFF + ((bits >> 16) & 1);
    const uint16_t half = uint16_t(to_even >> 16);
    std::memcpy(reinterpret_cast<char*>(address) + 2 * index, &half, 2);
}

// A factor as the tensor cores of TF32 see it: 10 bits of mantissa.
inline double to_tf32(double value) {
    const float single = float(value);
    uint32_t bits;
    std::memcpy(&bits, &single, 4);
    bits = (bits + 0x1000) & ~0x1FFFu;
    float rounded;
    std::memcpy(&rounded, &bits, 4);
    return rounded;
}

} // namespace stand_in
