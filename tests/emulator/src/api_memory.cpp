// Memory: allocation, copies, fills. Copies from ordinary host memory take the bytes at the call, as the real driver stages them; copies
// from and to page-locked memory touch it when the stream gets there.
#include "api.h"
#include "device_memory.h"

#include <cstring>
#include <memory>
#include <vector>

using namespace emulated;

DRIVER_API cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
    REQUIRE_CONTEXT;
    *address = 0;
    if (bytes == 0) {
        return report(CUDA_ERROR_INVALID_VALUE, "allocation of 0 bytes");
    }
    *address = DeviceMemory::instance().allocate(bytes);
    return *address != 0 ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

DRIVER_API cuMemFree_v2(CUdeviceptr address) {
    LOCKED;
    if (address == 0) {
        return CUDA_SUCCESS;
    }
    if (current_context() == 0) {
        return report(CUDA_ERROR_INVALID_CONTEXT, "no context is current in this thread");
    }
    const CUresult pending = drain_all(); // as the real driver: free waits for the device
    const CUresult status = DeviceMemory::instance().free(address);
    return status != CUDA_SUCCESS ? status : pending;
}

DRIVER_API cuMemGetInfo_v2(size_t* available, size_t* total) {
    REQUIRE_CONTEXT;
    *available = DeviceMemory::instance().available();
    *total = DeviceMemory::instance().total();
    return CUDA_SUCCESS;
}

DRIVER_API cuMemHostAlloc(void** address, size_t bytes, unsigned) {
    REQUIRE_CONTEXT;
    *address = PinnedMemory::instance().allocate(bytes);
    return *address != nullptr ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

DRIVER_API cuMemAllocHost_v2(void** address, size_t bytes) {
    return cuMemHostAlloc(address, bytes, 0);
}

DRIVER_API cuMemFreeHost(void* address) {
    LOCKED;
    const CUresult pending = drain_all();
    const CUresult status = PinnedMemory::instance().free(address);
    return status != CUDA_SUCCESS ? status : pending;
}

DRIVER_API cuMemHostRegister_v2(void* address, size_t bytes, unsigned) {
    REQUIRE_CONTEXT;
    return PinnedMemory::instance().register_range(address, bytes);
}

DRIVER_API cuMemHostUnregister(void* address) {
    LOCKED;
    return PinnedMemory::instance().unregister(address);
}

// ---- copies ------------------------------------------------------------------------------------------------------------------------------

static CUresult copy_in(CUdeviceptr to, const void* from, size_t bytes, Stream& stream) {
    if (!DeviceMemory::instance().check_range(to, bytes, "copy to the device")) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    if (PinnedMemory::instance().contains(from)) {
        return enqueue(stream, [=] {
            DeviceMemory::instance().fill_from(to, from, bytes);
            return CUDA_SUCCESS;
        });
    }
    const auto* first = static_cast<const unsigned char*>(from);
    auto staged = std::make_shared<std::vector<unsigned char>>(first, first + bytes);
    return enqueue(stream, [=] {
        DeviceMemory::instance().fill_from(to, staged->data(), bytes);
        return CUDA_SUCCESS;
    });
}

static CUresult copy_out(void* to, CUdeviceptr from, size_t bytes, Stream& stream) {
    if (!DeviceMemory::instance().check_range(from, bytes, "copy from the device")) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    const CUresult status = enqueue(stream, [=] {
        std::memcpy(to, reinterpret_cast<const void*>(from), bytes);
        return CUDA_SUCCESS;
    });
    const bool waits = status == CUDA_SUCCESS && stream.capture == nullptr && !PinnedMemory::instance().contains(to);
    return waits ? drain(stream) : status;
}

static CUresult copy_within(CUdeviceptr to, CUdeviceptr from, size_t bytes, Stream& stream) {
    const DeviceMemory& memory = DeviceMemory::instance();
    if (!memory.check_range(to, bytes, "copy on the device, target") || !memory.check_range(from, bytes, "copy on the device, source")) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    return enqueue(stream, [=] {
        DeviceMemory::instance().copy(to, from, bytes);
        return CUDA_SUCCESS;
    });
}

// A blocking call: on the default stream, after everything before it, done when it returns.
template <class Copy> static CUresult blocking(Copy copy) {
    if (capturing()) {
        return report(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "a blocking copy or fill while a stream is being captured");
    }
    CUresult status = drain_all();
    if (status == CUDA_SUCCESS) {
        status = copy(legacy_stream());
    }
    return status != CUDA_SUCCESS ? status : drain(legacy_stream());
}

template <class Copy> static CUresult on_stream(void* handle, Copy copy) {
    Stream* stream = find_stream(handle);
    return stream != nullptr ? copy(*stream) : report(CUDA_ERROR_INVALID_HANDLE, "the stream is not alive");
}

DRIVER_API cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t bytes) {
    REQUIRE_CONTEXT;
    return blocking([=](Stream& s) { return copy_in(to, from, bytes, s); });
}

DRIVER_API cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t bytes) {
    REQUIRE_CONTEXT;
    return blocking([=](Stream& s) { return copy_out(to, from, bytes, s); });
}

DRIVER_API cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
    REQUIRE_CONTEXT;
    return blocking([=](Stream& s) { return copy_within(to, from, bytes, s); });
}

DRIVER_API cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, void* stream) {
    REQUIRE_CONTEXT;
    return on_stream(stream, [=](Stream& s) { return copy_in(to, from, bytes, s); });
}

DRIVER_API cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, void* stream) {
    REQUIRE_CONTEXT;
    return on_stream(stream, [=](Stream& s) { return copy_out(to, from, bytes, s); });
}

DRIVER_API cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, void* stream) {
    REQUIRE_CONTEXT;
    return on_stream(stream, [=](Stream& s) { return copy_within(to, from, bytes, s); });
}

// ---- fills -------------------------------------------------------------------------------------------------------------------------------

template <class Element> static CUresult fill(CUdeviceptr to, Element value, size_t count, Stream& stream) {
    if (to % sizeof(Element) != 0 || !DeviceMemory::instance().check_range(to, count * sizeof(Element), "fill")) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    return enqueue(stream, [=] {
        auto* elements = reinterpret_cast<Element*>(to);
        for (size_t i = 0; i < count; i++) {
            elements[i] = value;
        }
        DeviceMemory::instance().mark_defined(to, count * sizeof(Element));
        return CUDA_SUCCESS;
    });
}

DRIVER_API cuMemsetD8_v2(CUdeviceptr to, unsigned char value, size_t count) {
    REQUIRE_CONTEXT;
    return blocking([=](Stream& s) { return fill(to, value, count, s); });
}

DRIVER_API cuMemsetD16_v2(CUdeviceptr to, unsigned short value, size_t count) {
    REQUIRE_CONTEXT;
    return blocking([=](Stream& s) { return fill(to, value, count, s); });
}

DRIVER_API cuMemsetD32_v2(CUdeviceptr to, unsigned value, size_t count) {
    REQUIRE_CONTEXT;
    return blocking([=](Stream& s) { return fill(to, value, count, s); });
}

DRIVER_API cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t count, void* stream) {
    REQUIRE_CONTEXT;
    return on_stream(stream, [=](Stream& s) { return fill(to, value, count, s); });
}

DRIVER_API cuMemsetD16Async(CUdeviceptr to, unsigned short value, size_t count, void* stream) {
    REQUIRE_CONTEXT;
    return on_stream(stream, [=](Stream& s) { return fill(to, value, count, s); });
}

DRIVER_API cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t count, void* stream) {
    REQUIRE_CONTEXT;
    return on_stream(stream, [=](Stream& s) { return fill(to, value, count, s); });
}
