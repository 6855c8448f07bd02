// Initialisation, the device, contexts.
#include "api.h"
#include "async_units.h"
#include "device_memory.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>

namespace emulated {

namespace {

bool is_initialised = false;
constexpr int kMostDevices = 8;
int primary_references[kMostDevices] = {};
constexpr uintptr_t kPrimary = 0xC0DE; // the context of device 0; those of the others follow
thread_local uintptr_t current = 0;

int device_count() {
    static const int value = [] {
        const char* setting = std::getenv("EMULATOR_DEVICES");
        return setting != nullptr ? std::max(0, std::min(std::atoi(setting), kMostDevices)) : 1;
    }();
    return value;
}

bool is_device(CUdevice device) {
    return device >= 0 && device < device_count();
}

CUresult device_status(CUdevice device) {
    return is_device(device) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

bool any_context() {
    return std::any_of(std::begin(primary_references), std::end(primary_references), [](int references) { return references > 0; });
}

// Largest shared memory of a block with opting in, by capability (CUDA programming guide, table of technical specifications).
int shared_opt_in() {
    switch (device_capability()) {
        case 75: return 64 << 10;
        case 80: case 87: return 163 << 10;
        case 86: case 89: case 120: return 99 << 10;
        default: return 227 << 10;
    }
}

// What stays behind when a context goes: each is a mistake of the host program.
CUresult leaks() {
    const bool intact = DeviceMemory::instance().check_red_zones(true);
    const size_t count = DeviceMemory::instance().report_leaks() + PinnedMemory::instance().report_leaks() + report_stream_leaks();
    return !intact ? CUDA_ERROR_ILLEGAL_ADDRESS : count == 0 ? CUDA_SUCCESS : CUDA_ERROR_UNKNOWN;
}

// A process that ends without releasing its context still hears of its leaks; EMULATOR_EXIT_ON_LEAK=n also makes n its exit status.
struct AtExit {
    ~AtExit() {
        const char* setting = std::getenv("EMULATOR_EXIT_ON_LEAK");
        if (is_initialised && leaks() != CUDA_SUCCESS && setting != nullptr) {
            std::fflush(nullptr);
            std::_Exit(std::atoi(setting));
        }
    }
} at_exit;

} // namespace

std::mutex& api_lock() {
    static auto* lock = new std::mutex();
    return *lock;
}

bool initialised() {
    return is_initialised;
}

uintptr_t current_context() {
    return current;
}

int device_capability() { // 80 for 8.0
    static const int value = [] {
        const char* setting = std::getenv("EMULATOR_COMPUTE_CAPABILITY");
        return setting != nullptr ? int(std::atof(setting) * 10 + 0.5) : 80;
    }();
    return value;
}

int device_shared_opt_in() {
    return shared_opt_in();
}

} // namespace emulated

using namespace emulated;

DRIVER_API cuInit(unsigned flags) {
    LOCKED;
    if (flags != 0) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    is_initialised = true;
    return CUDA_SUCCESS;
}

DRIVER_API cuDriverGetVersion(int* version) {
    const char* setting = std::getenv("EMULATOR_DRIVER_VERSION"); // 12040 for CUDA 12.4
    *version = setting != nullptr ? std::atoi(setting) : 13000;
    return CUDA_SUCCESS;
}

DRIVER_API cuDeviceGetCount(int* count) {
    *count = device_count();
    return initialised() ? CUDA_SUCCESS : CUDA_ERROR_NOT_INITIALIZED;
}

DRIVER_API cuDeviceGet(CUdevice* device, int ordinal) {
    *device = ordinal;
    return !initialised() ? CUDA_ERROR_NOT_INITIALIZED : device_status(ordinal);
}

DRIVER_API cuDeviceGetName(char* name, int length, CUdevice device) {
    std::snprintf(name, length, "emulated GPU (sm_%d, on the CPU)", device_capability());
    return device_status(device);
}

DRIVER_API cuDeviceGetUuid(CUuuid* uuid, CUdevice device) {
    std::memcpy(uuid->bytes, "emulated-gpu-000", sizeof uuid->bytes);
    uuid->bytes[15] = char('0' + device);
    return device_status(device);
}

DRIVER_API cuDeviceGetPCIBusId(char* id, int length, CUdevice device) {
    std::snprintf(id, length, "0000:0%d:00.0", device);
    return device_status(device);
}

DRIVER_API cuDeviceTotalMem_v2(size_t* bytes, CUdevice device) {
    *bytes = DeviceMemory::instance().total();
    return device_status(device);
}

DRIVER_API cuDeviceComputeCapability(int* major, int* minor, CUdevice device) {
    *major = device_capability() / 10;
    *minor = device_capability() % 10;
    return device_status(device);
}

DRIVER_API cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice device) {
    static const std::map<int, int> values = {
        {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, 1024},
        {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X, 1024},
        {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y, 1024},
        {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z, 64},
        {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X, 0x7FFFFFFF},
        {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y, 65535},
        {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z, 65535},
        {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK, 48 << 10},
        {CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY, 64 << 10},
        {CU_DEVICE_ATTRIBUTE_WARP_SIZE, 32},
        {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK, 65536},
        {CU_DEVICE_ATTRIBUTE_CLOCK_RATE, 1000000},
        {CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 4},
        {CU_DEVICE_ATTRIBUTE_INTEGRATED, 0},
        {CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS, 1},
        {CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, 1000000},
        {CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, 64},
        {CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, 4 << 20},
        {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, 2048},
        {CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT, 1},
        {CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING, 1},
        {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device_capability() / 10},
        {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device_capability() % 10},
        {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, shared_opt_in() + 1024},
        {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR, 65536},
        {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, shared_opt_in()},
        {CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR, 32},
        {CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK, 1024},
    };
    const auto found = values.find(attribute);
    if (!is_device(device)) {
        return CUDA_ERROR_INVALID_DEVICE;
    }
    if (found == values.end()) {
        return report(CUDA_ERROR_INVALID_VALUE, "device attribute %d is not emulated", int(attribute));
    }
    *value = found->second;
    return CUDA_SUCCESS;
}

DRIVER_API cuDevicePrimaryCtxRetain(void** context, CUdevice device) {
    LOCKED;
    if (!is_initialised || !is_device(device)) {
        return is_initialised ? CUDA_ERROR_INVALID_DEVICE : CUDA_ERROR_NOT_INITIALIZED;
    }
    primary_references[device]++;
    *context = reinterpret_cast<void*>(kPrimary + device);
    return CUDA_SUCCESS;
}

DRIVER_API cuDevicePrimaryCtxRelease_v2(CUdevice device) {
    LOCKED;
    if (!is_device(device) || primary_references[device] == 0) {
        return CUDA_ERROR_INVALID_CONTEXT;
    }
    primary_references[device]--;
    if (any_context()) { // memory does not know its device: what is left is judged when the last context goes
        return CUDA_SUCCESS;
    }
    const CUresult pending = drain_all();
    clear_sticky();
    const CUresult left = leaks();
    return pending != CUDA_SUCCESS ? pending : left;
}

DRIVER_API cuDevicePrimaryCtxGetState(CUdevice device, unsigned* flags, int* active) {
    LOCKED;
    *flags = 0;
    *active = is_device(device) && primary_references[device] > 0;
    return device_status(device);
}

DRIVER_API cuDevicePrimaryCtxSetFlags_v2(CUdevice, unsigned) {
    return CUDA_SUCCESS;
}

DRIVER_API cuDevicePrimaryCtxReset_v2(CUdevice) {
    LOCKED;
    clear_sticky();
    return leaks();
}

DRIVER_API cuCtxCreate_v2(void** context, unsigned, CUdevice device) {
    const CUresult status = cuDevicePrimaryCtxRetain(context, device);
    if (status == CUDA_SUCCESS) {
        current = reinterpret_cast<uintptr_t>(*context);
    }
    return status;
}

DRIVER_API cuCtxDestroy_v2(void* context) {
    const CUresult status = cuDevicePrimaryCtxRelease_v2(CUdevice(reinterpret_cast<uintptr_t>(context) - kPrimary));
    current = 0;
    return status;
}

DRIVER_API cuCtxSetCurrent(void* context) {
    LOCKED;
    const auto handle = reinterpret_cast<uintptr_t>(context);
    const auto device = CUdevice(handle - kPrimary);
    if (handle != 0 && (!is_device(device) || primary_references[device] == 0)) {
        return report(CUDA_ERROR_INVALID_CONTEXT, "the context was released or never existed");
    }
    current = handle;
    return CUDA_SUCCESS;
}

DRIVER_API cuCtxGetCurrent(void** context) {
    *context = reinterpret_cast<void*>(current);
    return CUDA_SUCCESS;
}

DRIVER_API cuCtxPushCurrent_v2(void* context) {
    return cuCtxSetCurrent(context);
}

DRIVER_API cuCtxPopCurrent_v2(void** context) {
    if (context != nullptr) {
        *context = reinterpret_cast<void*>(current);
    }
    current = 0;
    return CUDA_SUCCESS;
}

DRIVER_API cuCtxGetDevice(CUdevice* device) {
    *device = current != 0 ? CUdevice(current - kPrimary) : 0;
    return current != 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}

DRIVER_API cuCtxSynchronize() {
    REQUIRE_CONTEXT;
    if (capturing()) {
        return report(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "synchronising the context while a stream is being captured");
    }
    return drain_all();
}

DRIVER_API cuCtxSetLimit(int, size_t) {
    return CUDA_SUCCESS;
}

DRIVER_API cuCtxSetCacheConfig(int) {
    return CUDA_SUCCESS;
}

DRIVER_API cuCtxGetStreamPriorityRange(int* least, int* greatest) {
    *least = 0;
    *greatest = 0;
    return CUDA_SUCCESS;
}

static const std::map<int, std::pair<const char*, const char*>>& error_texts() {
    static const std::map<int, std::pair<const char*, const char*>> texts = {
        {CUDA_SUCCESS, {"CUDA_SUCCESS", "no error"}},
        {CUDA_ERROR_INVALID_VALUE, {"CUDA_ERROR_INVALID_VALUE", "invalid argument"}},
        {CUDA_ERROR_OUT_OF_MEMORY, {"CUDA_ERROR_OUT_OF_MEMORY", "out of memory"}},
        {CUDA_ERROR_NOT_INITIALIZED, {"CUDA_ERROR_NOT_INITIALIZED", "initialization error"}},
        {CUDA_ERROR_NO_DEVICE, {"CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"}},
        {CUDA_ERROR_INVALID_DEVICE, {"CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"}},
        {CUDA_ERROR_INVALID_IMAGE, {"CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"}},
        {CUDA_ERROR_INVALID_CONTEXT, {"CUDA_ERROR_INVALID_CONTEXT", "invalid device context"}},
        {CUDA_ERROR_NO_BINARY_FOR_GPU, {"CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"}},
        {CUDA_ERROR_INVALID_HANDLE, {"CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"}},
        {CUDA_ERROR_NOT_FOUND, {"CUDA_ERROR_NOT_FOUND", "named symbol not found"}},
        {CUDA_ERROR_NOT_READY, {"CUDA_ERROR_NOT_READY", "device not ready"}},
        {CUDA_ERROR_ILLEGAL_ADDRESS, {"CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"}},
        {CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, {"CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"}},
        {CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED,
         {"CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED", "part or all of the requested memory range is already mapped"}},
        {CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED,
         {"CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED", "pointer does not correspond to a registered memory region"}},
        {CUDA_ERROR_ILLEGAL_INSTRUCTION, {"CUDA_ERROR_ILLEGAL_INSTRUCTION", "an illegal instruction was encountered"}},
        {CUDA_ERROR_MISALIGNED_ADDRESS, {"CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"}},
        {CUDA_ERROR_LAUNCH_FAILED, {"CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"}},
        {CUDA_ERROR_NOT_SUPPORTED, {"CUDA_ERROR_NOT_SUPPORTED", "operation not supported"}},
        {CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
         {"CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"}},
        {CUDA_ERROR_STREAM_CAPTURE_INVALIDATED,
         {"CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"}},
        {CUDA_ERROR_STREAM_CAPTURE_UNMATCHED,
         {"CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "the capture was not initiated in this stream"}},
        {CUDA_ERROR_UNKNOWN, {"CUDA_ERROR_UNKNOWN", "unknown error"}},
    };
    return texts;
}

DRIVER_API cuGetErrorName(CUresult error, const char** text) {
    const auto found = error_texts().find(error);
    *text = found != error_texts().end() ? found->second.first : nullptr;
    return *text != nullptr ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

DRIVER_API cuGetErrorString(CUresult error, const char** text) {
    const auto found = error_texts().find(error);
    *text = found != error_texts().end() ? found->second.second : nullptr;
    return *text != nullptr ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}
