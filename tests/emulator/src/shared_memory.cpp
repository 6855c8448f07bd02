#include "shared_memory.h"

#include "async_units.h"
#include "block.h"
#include "device_memory.h"
#include "fault.h"
#include "memory_access.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace emulated {

SharedMemory& shared_memory() {
    static SharedMemory* memory = new SharedMemory();
    return *memory;
}

SharedMemory::SharedMemory() : records_(kCapacity / 2) {
    void* range = mmap(nullptr, kCapacity + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (range == MAP_FAILED) {
        std::perror("emulated CUDA: no memory for shared memory");
        std::abort();
    }
    bytes_ = static_cast<unsigned char*>(range);
}

void SharedMemory::begin_block(size_t dynamic) {
    serial_++;
    const size_t used_before = used_;
    dynamic_bytes_ = used_ = (dynamic + 127) / 128 * 128;
    if (used_ != used_before) {
        allow_to_sanitizer(reinterpret_cast<uintptr_t>(bytes_), used_);
        forbid_to_sanitizer(reinterpret_cast<uintptr_t>(bytes_) + used_, kCapacity - used_);
    }
    std::memset(bytes_, 0xFF, used_);
    block_epoch_ = ++epoch_;
}

void* SharedMemory::allocate_static(size_t bytes) {
    const size_t start = (used_ + 15) / 16 * 16;
    if (start + bytes > kCapacity) {
        return nullptr;
    }
    used_ = start + bytes;
    allow_to_sanitizer(reinterpret_cast<uintptr_t>(bytes_) + start, bytes);
    std::memset(bytes_ + start, 0xFF, bytes);
    return bytes_ + start;
}

void SharedMemory::check_bounds(uintptr_t offset, unsigned bytes, bool is_write) const {
    if (offset + bytes > used_) {
        fault(CUDA_ERROR_ILLEGAL_ADDRESS, "%s of %u bytes at byte %zu of shared memory, past its end at %zu", is_write ? "write" : "read",
              bytes, size_t(offset), used_);
    }
}

// Whether an access by `other` (a thread, or several lanes of a warp) at that warp epoch happened before `thread`'s present: by the same
// thread, or by a lane of its warp, which has met since.
bool SharedMemory::ordered(uint16_t other, uint32_t warp_epoch, int thread) const {
    if (other == thread) {
        return true;
    }
    const int warp = other == kSeveral ? -1 : (other & kLanesOfWarp) != 0 ? other & ~kLanesOfWarp : other / 32;
    return warp == thread / 32 && warp_epochs_[warp] > warp_epoch;
}

// Whether what the record says was written is visible to the thread.
bool SharedMemory::is_written_before(const Record& r, uintptr_t address, int thread) const {
    return r.writer == kCopyEngine ? has_seen_transfer(address, thread) : ordered(r.writer, r.write_warp_epoch, thread);
}

// Of several readers in one epoch, keep what a later write must be ordered after.
uint16_t SharedMemory::joined_reader(const Record& r, int thread) const {
    if (r.read_epoch != epoch_ || ordered(r.reader, r.read_warp_epoch, thread)) {
        return uint16_t(thread);
    }
    const int warp = thread / 32;
    return r.reader / 32 == warp || r.reader == (kLanesOfWarp | warp) ? uint16_t(kLanesOfWarp | warp) : kSeveral;
}

void SharedMemory::access(uintptr_t address, unsigned bytes, bool is_write, int thread) {
    const uintptr_t offset = address - reinterpret_cast<uintptr_t>(bytes_);
    check_bounds(offset, bytes, is_write);
    if (!kChecked) {
        return;
    }
    const uint32_t warp_epoch = epoch_of_warps_;
    const bool narrow = bytes < 2; // two threads may write neighbouring bytes
    for (uintptr_t i = offset / 2; i <= (offset + bytes - 1) / 2; i++) {
        Record& r = records_[i];
        if (!is_write && (r.write_epoch < block_epoch_ || r.undefined)) {
            fault(CUDA_ERROR_ILLEGAL_ADDRESS, "read of shared memory at byte %zu that %s", size_t(i * 2),
                  r.write_epoch < block_epoch_ ? "nobody has written" : "an unfinished copy is writing");
        }
        if (!narrow && r.write_epoch == epoch_ && !is_written_before(r, address, thread)) {
            if (r.writer == kCopyEngine) {
                fault(CUDA_ERROR_ILLEGAL_ADDRESS, "race: %s of shared memory at byte %zu that a tensor copy wrote, whose mbarrier this thread has not "
                      "waited for", is_write ? "write" : "read", size_t(i * 2));
            }
            fault(CUDA_ERROR_ILLEGAL_ADDRESS, "race: %s of shared memory at byte %zu that thread %d wrote with no barrier since",
                  is_write ? "write" : "read", size_t(i * 2), r.writer);
        }
        if (is_write) {
            if (!narrow && r.read_epoch == epoch_ && !ordered(r.reader, r.read_warp_epoch, thread)) {
                fault(CUDA_ERROR_ILLEGAL_ADDRESS, "race: write of shared memory at byte %zu that another thread read with no barrier since",
                      size_t(i * 2));
            }
            r.write_epoch = epoch_;
            r.write_warp_epoch = warp_epoch;
            r.writer = uint16_t(thread);
            r.atomic = r.undefined = false;
        } else {
            r.reader = joined_reader(r, thread);
            r.read_epoch = epoch_;
            r.read_warp_epoch = warp_epoch;
        }
    }
}

void SharedMemory::atomic(uintptr_t address, unsigned bytes, int thread) {
    const uintptr_t offset = address - reinterpret_cast<uintptr_t>(bytes_);
    check_bounds(offset, bytes, true);
    for (uintptr_t i = offset / 2; i <= (offset + bytes - 1) / 2; i++) {
        Record& r = records_[i];
        if (r.atomic && r.write_epoch == epoch_) {
            continue;
        }
        access(reinterpret_cast<uintptr_t>(bytes_) + i * 2, 2, false, thread);
        access(reinterpret_cast<uintptr_t>(bytes_) + i * 2, 2, true, thread);
        r.atomic = true;
    }
}

void SharedMemory::make_undefined(uintptr_t address, unsigned bytes, int thread) {
    access(address, bytes, true, thread);
    std::memset(reinterpret_cast<void*>(address), 0xFF, bytes);
    const uintptr_t offset = address - reinterpret_cast<uintptr_t>(bytes_);
    for (uintptr_t i = offset / 2; i <= (offset + bytes - 1) / 2; i++) {
        records_[i].undefined = true;
    }
}

void SharedMemory::begin_transfer(uintptr_t address, size_t bytes) {
    const uintptr_t offset = address - reinterpret_cast<uintptr_t>(bytes_);
    check_bounds(offset, unsigned(bytes), true);
    std::memset(reinterpret_cast<void*>(address), 0xFF, bytes);
    if (kChecked) {
        for (uintptr_t i = offset / 2; i < (offset + bytes) / 2; i++) {
            records_[i] = {epoch_, epoch_of_warps_, 0, 0, kCopyEngine, 0, false, true};
        }
    }
}

void SharedMemory::end_transfer(uintptr_t address, size_t bytes) {
    const uintptr_t offset = address - reinterpret_cast<uintptr_t>(bytes_);
    for (uintptr_t i = offset / 2; kChecked && i < (offset + bytes) / 2; i++) {
        records_[i].undefined = false;
    }
}

uint32_t shared_address(const void* shared) {
    const auto address = reinterpret_cast<uintptr_t>(shared);
    if (!shared_memory().contains(address)) {
        fault(CUDA_ERROR_ILLEGAL_ADDRESS, "%p is not in shared memory", shared);
    }
    return shared_memory().window_address(address);
}

} // namespace emulated
