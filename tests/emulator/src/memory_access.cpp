// The checked build compiles kernels with the compiler's thread-sanitizer instrumentation, which puts a call before every memory access,
// and answers those calls here instead of linking the sanitizer: any access outside a live allocation, any read of memory that nobody
// wrote, and any race on shared memory is caught at the access itself.
#include "memory_access.h"

#include "block.h"
#include "device_memory.h"
#include "emulated_cuda.h"
#include "fault.h"
#include "shared_memory.h"

#include <link.h>

#include <cstring>

namespace emulated {

namespace {

// Read-only data of this library: constant tables of kernels.
struct Constants {
    uintptr_t begin = 0, end = 0;
    Constants() {
        dl_iterate_phdr([](dl_phdr_info* info, size_t, void* self) {
            auto* constants = static_cast<Constants*>(self);
            const auto here = reinterpret_cast<uintptr_t>(&check_access);
            uintptr_t low = UINTPTR_MAX, high = 0;
            bool contains = false;
            for (int i = 0; i < info->dlpi_phnum; i++) {
                const auto& segment = info->dlpi_phdr[i];
                const uintptr_t begin = info->dlpi_addr + segment.p_vaddr, end = begin + segment.p_memsz;
                if (segment.p_type == PT_LOAD) {
                    contains |= here - begin < segment.p_memsz;
                    if ((segment.p_flags & PF_W) == 0) {
                        low = begin < low ? begin : low;
                        high = end > high ? end : high;
                    }
                }
            }
            if (contains) {
                constants->begin = low;
                constants->end = high;
            }
            return contains ? 1 : 0;
        }, this);
    }
};

bool on_stack(uintptr_t address) {
    // A thread's own stack, or for a warp operation that of another lane.
    static const uintptr_t begin = stacks_begin(), size = stacks_size();
    return address - begin < size;
}

[[noreturn]] void refuse(uintptr_t address, unsigned bytes, bool is_write, DeviceMemory::Verdict verdict) {
    fault(CUDA_ERROR_ILLEGAL_ADDRESS, "%s%s of %u bytes at 0x%llx: %s%s",
          verdict == DeviceMemory::Verdict::kUndefined ? "uninitialised " : verdict == DeviceMemory::Verdict::kRace ? "race: " : "",
          is_write ? "write" : "read", bytes, static_cast<unsigned long long>(address),
          DeviceMemory::instance().describe(address).c_str(),
          verdict == DeviceMemory::Verdict::kRace ? ", which another block of the launch wrote" : "");
}

} // namespace

void check_access(uintptr_t address, unsigned bytes, bool is_write) {
    if (on_stack(address)) {
        return;
    }
    Thread* thread = current_thread();
    if (thread == nullptr) {
        return; // host code of the emulation
    }
    if (shared_memory().contains(address)) {
        shared_memory().access(address, bytes, is_write, thread->linear);
        return;
    }
    using Verdict = DeviceMemory::Verdict;
    DeviceMemory& memory = DeviceMemory::instance();
    if (memory.contains(address)) {
        const Verdict verdict = is_write ? memory.write(address, bytes) : memory.read(address, bytes);
        // Unchecked builds do not see what kernels write: there, only the bounds are known.
        if (verdict != Verdict::kAllowed && (kChecked || verdict == Verdict::kOutside)) {
            refuse(address, bytes, is_write, verdict);
        }
        return;
    }
    static const Constants constants;
    if (is_write || address < constants.begin || address >= constants.end) {
        refuse(address, bytes, is_write, Verdict::kOutside);
    }
}

void atomic_access(void* address, int bytes) {
    const auto a = reinterpret_cast<uintptr_t>(address);
    if (shared_memory().contains(a)) {
        shared_memory().atomic(a, bytes, current_thread()->linear);
        return;
    }
    DeviceMemory& memory = DeviceMemory::instance();
    if (memory.contains(a)) {
        memory.forget_writer(a, bytes); // atomics of several blocks may meet here
    }
    check_access(a, bytes, false);
    check_access(a, bytes, true);
    if (memory.contains(a)) {
        memory.forget_writer(a, bytes);
    }
}

} // namespace emulated

#ifdef EMULATOR_CHECKED
// The instrumentation's entry points, by the names that gcc and clang emit.
using emulated::check_access;
#define ACCESS(bytes)                                                                                                                     \
    void __tsan_read##bytes(void* p) { check_access(reinterpret_cast<uintptr_t>(p), bytes, false); }                                      \
    void __tsan_write##bytes(void* p) { check_access(reinterpret_cast<uintptr_t>(p), bytes, true); }                                      \
    void __tsan_unaligned_read##bytes(void* p) { check_access(reinterpret_cast<uintptr_t>(p), bytes, false); }                            \
    void __tsan_unaligned_write##bytes(void* p) { check_access(reinterpret_cast<uintptr_t>(p), bytes, true); }                            \
    void __tsan_volatile_read##bytes(void* p) { check_access(reinterpret_cast<uintptr_t>(p), bytes, false); }                             \
    void __tsan_volatile_write##bytes(void* p) { check_access(reinterpret_cast<uintptr_t>(p), bytes, true); }
extern "C" {
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)
void __tsan_read_range(void* p, size_t bytes) { check_access(reinterpret_cast<uintptr_t>(p), unsigned(bytes), false); }
void __tsan_write_range(void* p, size_t bytes) { check_access(reinterpret_cast<uintptr_t>(p), unsigned(bytes), true); }
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void**, void*) {}
// memcpy and its kin, as the instrumentation calls them
void* __tsan_memcpy(void* to, const void* from, size_t bytes) {
    __tsan_read_range(const_cast<void*>(from), bytes);
    __tsan_write_range(to, bytes);
    return std::memcpy(to, from, bytes);
}
void* __tsan_memset(void* to, int value, size_t bytes) {
    __tsan_write_range(to, bytes);
    return std::memset(to, value, bytes);
}
}
#endif
