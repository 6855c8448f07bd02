// cuTensorMapEncodeTiled, with the requirements that cuda.h states. Interleaved layouts, swizzles other than 128 bytes and NaN fills are not
// emulated.
#include "api.h"
#include "async_units.h"
#include "tensor_map.h"

#include <cstring>

using namespace emulated;

namespace {

// By CUtensorMapDataType; the packed types after them are not emulated.
constexpr int kElementBytes[] = {1, 2, 4, 4, 8, 8, 2, 4, 8, 2, 4, 4, 4};
constexpr int kSwizzleNone = 0, kSwizzle128B = 3;

CUresult refuse(const char* what) {
    return report(CUDA_ERROR_INVALID_VALUE, "cuTensorMapEncodeTiled: %s", what);
}

} // namespace

DRIVER_API cuTensorMapEncodeTiled(void* map, unsigned type, uint32_t rank, void* global_address, const uint64_t* sizes, const uint64_t* strides,
                                  const uint32_t* box, const uint32_t* steps, int interleave, int swizzle, int l2_promotion, int fill) {
    REQUIRE_CONTEXT;
    if (device_capability() < 90) {
        return report(CUDA_ERROR_NOT_SUPPORTED, "cuTensorMapEncodeTiled: tensor maps need compute capability 9.0");
    }
    if (type >= sizeof kElementBytes / sizeof *kElementBytes || interleave != 0 || (swizzle != kSwizzleNone && swizzle != kSwizzle128B) || fill != 0) {
        return report(CUDA_ERROR_NOT_SUPPORTED, "cuTensorMapEncodeTiled: type %u, interleave %d, swizzle %d, fill %d are not emulated", type,
                      interleave, swizzle, fill);
    }
    if (map == nullptr || reinterpret_cast<uintptr_t>(map) % 64 != 0) {
        return refuse("tensorMap is not aligned to 64 bytes");
    }
    if (rank < 1 || rank > 5) {
        return refuse("tensorRank is not 1 ... 5");
    }
    if (reinterpret_cast<uintptr_t>(global_address) % 16 != 0 || l2_promotion < 0 || l2_promotion > 3) {
        return refuse("globalAddress is not aligned to 16 bytes, or l2Promotion does not exist");
    }
    EncodedTensorMap encoded{};
    encoded.magic = EncodedTensorMap::kMagic;
    encoded.rank = uint8_t(rank);
    encoded.element_bytes = uint8_t(kElementBytes[type]);
    encoded.swizzled = swizzle == kSwizzle128B;
    encoded.address = reinterpret_cast<uintptr_t>(global_address);
    for (uint32_t i = 0; i < rank; i++) {
        if (sizes[i] == 0 || sizes[i] > uint64_t(1) << 32) {
            return refuse("a globalDim is not 1 ... 2^32");
        }
        if (i > 0 && (strides[i - 1] % 16 != 0 || strides[i - 1] >= uint64_t(1) << 40)) {
            return refuse("a globalStride is not a multiple of 16 below 2^40");
        }
        if (box[i] == 0 || box[i] > 256 || steps[i] == 0 || steps[i] > 8) {
            return refuse("a boxDim is not 1 ... 256, or an elementStride not 1 ... 8");
        }
        encoded.sizes[i] = sizes[i];
        encoded.strides[i] = i == 0 ? encoded.element_bytes : strides[i - 1];
        encoded.steps[i] = i == 0 ? 1 : uint8_t(steps[i]);
        encoded.box[i] = uint16_t(box[i]);
    }
    const uint32_t row = box[0] * encoded.element_bytes;
    if (row % 16 != 0 || (encoded.swizzled && row > 128)) {
        return refuse("the box's inner dimension is not a multiple of 16 bytes, or larger than the swizzle");
    }
    std::memset(map, 0xFF, 128);
    std::memcpy(map, &encoded, sizeof encoded);
    return CUDA_SUCCESS;
}
