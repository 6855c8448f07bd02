// What this driver writes into the 128 opaque bytes of a tensor map.
#pragma once
#include <cstdint>

namespace emulated {

struct EncodedTensorMap {
    static constexpr uint32_t kMagic = 0x70A55E57;
    uint32_t magic;
    uint8_t rank, element_bytes;
    bool swizzled; // by 128 bytes
    uint8_t steps[5];
    uint16_t box[5];
    uint64_t address;
    uint64_t sizes[5];
    uint64_t strides[5]; // in bytes; the first is that of an element
};
static_assert(sizeof(EncodedTensorMap) <= 128, "a CUtensorMap has 128 bytes");

} // namespace emulated
