// Modules, functions and launches. A module's image is not run (the kernels are compiled in) but must look like one.
#include "api.h"
#include "block.h"
#include "device_memory.h"
#include "registry.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>

namespace emulated {

int device_shared_opt_in();

std::map<std::string, Kernel>& kernels() {
    static auto* registry = new std::map<std::string, Kernel>();
    return *registry;
}

namespace {

std::set<void*> modules;

Kernel* find_kernel(void* function) {
    for (auto& [name, kernel] : kernels()) {
        if (&kernel == function) {
            return &kernel;
        }
    }
    return nullptr;
}

bool looks_like_module(const void* image) {
    uint32_t magic;
    std::memcpy(&magic, image, sizeof magic);
    return magic == 0xBA55ED50 || magic == 0x466243B1 || magic == 0x464C457F || std::strncmp(static_cast<const char*>(image), "//", 2) == 0
            || std::strncmp(static_cast<const char*>(image), ".version", 8) == 0; // fatbin, its wrapper, ELF, PTX
}

// The limits that a GPU enforces before it starts a grid.
CUresult check_limits(const Kernel& kernel, dim3 grid, dim3 block, size_t dynamic_shared) {
    const auto within = [](dim3 size, uint64_t x, uint64_t y, uint64_t z) {
        return size.x >= 1 && size.y >= 1 && size.z >= 1 && size.x <= x && size.y <= y && size.z <= z;
    };
    if (!within(grid, 0x7FFFFFFF, 65535, 65535)) {
        return report(CUDA_ERROR_INVALID_VALUE, "kernel %s: grid (%u,%u,%u) is outside 1 ... (2^31-1, 65535, 65535)", kernel.name, grid.x, grid.y,
                      grid.z);
    }
    const uint64_t threads = uint64_t(block.x) * block.y * block.z;
    if (!within(block, 1024, 1024, 64) || threads > 1024) {
        return report(CUDA_ERROR_INVALID_VALUE, "kernel %s: too many threads: a block of (%u,%u,%u) is outside 1 ... (1024, 1024, 64), 1024 in all",
                      kernel.name, block.x, block.y, block.z);
    }
    if (threads > uint64_t(kernel.max_threads)) {
        return report(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "kernel %s: %llu threads, but its registers are limited for %d (__launch_bounds__)",
                      kernel.name, static_cast<unsigned long long>(threads), kernel.max_threads);
    }
    if (dynamic_shared > size_t(kernel.max_dynamic_shared)) {
        return report(CUDA_ERROR_INVALID_VALUE,
                      "kernel %s: too much shared memory: %zu dynamic bytes, but %d are allowed (CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES)",
                      kernel.name, dynamic_shared, kernel.max_dynamic_shared);
    }
    if (dynamic_shared + kernel.static_shared > size_t(device_shared_opt_in())) {
        return report(CUDA_ERROR_INVALID_VALUE, "kernel %s: too much shared memory: %zu dynamic and %zu static bytes of %d", kernel.name,
                      dynamic_shared, kernel.static_shared, device_shared_opt_in());
    }
    return CUDA_SUCCESS;
}

// A launch with its own copy of the parameters.
struct StoredLaunch {
    Kernel* kernel;
    dim3 grid, block;
    size_t dynamic_shared;
    struct alignas(128) Unit { // no parameter is aligned to more
        unsigned char bytes[128];
    };
    std::vector<Unit> storage;
    std::vector<size_t> offsets; // in units

    CUresult run() {
        std::vector<void*> parameters;
        for (size_t offset : offsets) {
            parameters.push_back(&storage[offset]);
        }
        const CUresult status = emulated::run(Launch{kernel, grid, block, dynamic_shared, parameters.data()});
        const bool intact = DeviceMemory::instance().check_red_zones();
        if (status == CUDA_SUCCESS && !intact) {
            return report(CUDA_ERROR_ILLEGAL_ADDRESS, "kernel %s did that", kernel->name);
        }
        return status;
    }
};

} // namespace

} // namespace emulated

using namespace emulated;

DRIVER_API cuModuleLoadData(void** module, const void* image) {
    REQUIRE_CONTEXT;
    if (image == nullptr || !looks_like_module(image)) {
        return report(CUDA_ERROR_INVALID_IMAGE, "the module's image is neither a fatbin nor ELF nor PTX");
    }
    if (const char* refusal = std::getenv("EMULATOR_MODULE_STATUS")) {
        return CUresult(std::atoi(refusal)); // 209: no machine code for this card
    }
    *module = *modules.insert(new char).first;
    return CUDA_SUCCESS;
}

DRIVER_API cuModuleLoadDataEx(void** module, const void* image, unsigned, int*, void**) {
    return cuModuleLoadData(module, image);
}

DRIVER_API cuModuleLoadFatBinary(void** module, const void* image) {
    return cuModuleLoadData(module, image);
}

DRIVER_API cuModuleUnload(void* module) {
    LOCKED;
    if (modules.erase(module) == 0) {
        return report(CUDA_ERROR_INVALID_HANDLE, "unloading a module that is not loaded");
    }
    delete static_cast<char*>(module);
    return CUDA_SUCCESS;
}

DRIVER_API cuModuleGetFunction(void** function, void* module, const char* name) {
    REQUIRE_CONTEXT;
    *function = nullptr;
    if (modules.count(module) == 0) {
        return report(CUDA_ERROR_INVALID_HANDLE, "function %s of a module that is not loaded", name);
    }
    const auto found = kernels().find(name);
    if (found == kernels().end()) {
        return report(CUDA_ERROR_NOT_FOUND, "no kernel is named %s", name);
    }
    *function = &found->second;
    return CUDA_SUCCESS;
}

DRIVER_API cuFuncGetAttribute(int* value, CUfunction_attribute attribute, void* function) {
    LOCKED;
    const Kernel* kernel = find_kernel(function);
    if (kernel == nullptr) {
        return CUDA_ERROR_INVALID_HANDLE;
    }
    switch (attribute) {
        case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *value = kernel->max_threads; break;
        case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: *value = int(kernel->static_shared); break;
        case CU_FUNC_ATTRIBUTE_NUM_REGS: *value = std::min(255, 65536 / kernel->max_threads); break; // what the bound leaves
        case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: *value = kernel->max_dynamic_shared; break;
        case CU_FUNC_ATTRIBUTE_BINARY_VERSION:
        case CU_FUNC_ATTRIBUTE_PTX_VERSION: *value = 80; break;
        default: *value = 0; break;
    }
    return CUDA_SUCCESS;
}

DRIVER_API cuFuncSetAttribute(void* function, CUfunction_attribute attribute, int value) {
    LOCKED;
    Kernel* kernel = find_kernel(function);
    if (kernel == nullptr) {
        return CUDA_ERROR_INVALID_HANDLE;
    }
    if (attribute == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) {
        return value >= -1 && value <= 100 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
    }
    if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES || value < 0 || value > device_shared_opt_in()) {
        return report(CUDA_ERROR_INVALID_VALUE, "kernel %s: attribute %d cannot be %d (at most %d bytes of shared memory)", kernel->name,
                      int(attribute), value, device_shared_opt_in());
    }
    kernel->max_dynamic_shared = value;
    return CUDA_SUCCESS;
}

DRIVER_API cuFuncSetCacheConfig(void*, int) {
    return CUDA_SUCCESS;
}

DRIVER_API cuLaunchKernel(void* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z,
                          unsigned dynamic_shared, void* stream_handle, void** parameters, void** extra) {
    REQUIRE_CONTEXT;
    Kernel* kernel = find_kernel(function);
    Stream* stream = find_stream(stream_handle);
    if (kernel == nullptr || stream == nullptr) {
        return report(CUDA_ERROR_INVALID_HANDLE, "launch of %s on %s", kernel == nullptr ? "no kernel" : kernel->name,
                      stream == nullptr ? "no stream" : "a stream");
    }
    if (extra != nullptr || (parameters == nullptr && !kernel->parameter_bytes.empty())) {
        return report(CUDA_ERROR_NOT_SUPPORTED, "kernel %s: parameters must be given one by one", kernel->name);
    }
    const dim3 grid{grid_x, grid_y, grid_z}, block{block_x, block_y, block_z};
    if (const CUresult status = check_limits(*kernel, grid, block, dynamic_shared); status != CUDA_SUCCESS) {
        return status;
    }
    auto launch = std::make_shared<StoredLaunch>();
    launch->kernel = kernel;
    launch->grid = grid;
    launch->block = block;
    launch->dynamic_shared = dynamic_shared;
    size_t units = 0;
    for (size_t bytes : kernel->parameter_bytes) {
        launch->offsets.push_back(units);
        units += (bytes + sizeof(StoredLaunch::Unit) - 1) / sizeof(StoredLaunch::Unit);
    }
    launch->storage.resize(units);
    for (size_t i = 0; i < launch->offsets.size(); i++) {
        std::memcpy(&launch->storage[launch->offsets[i]], parameters[i], kernel->parameter_bytes[i]);
    }
    return enqueue(*stream, [launch] { return launch->run(); });
}

DRIVER_API cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void* function, int block_size, size_t dynamic_shared) {
    LOCKED;
    const Kernel* kernel = find_kernel(function);
    if (kernel == nullptr || block_size < 1 || block_size > kernel->max_threads) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    const size_t shared = kernel->static_shared + dynamic_shared + 1024;
    *blocks = int(std::min<size_t>({size_t(2048 / block_size), (size_t(device_shared_opt_in()) + 1024) / shared, 32}));
    return CUDA_SUCCESS;
}
