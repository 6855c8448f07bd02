// The shared memory of the running block: storage, and a record of who touched what since which barrier.
#pragma once
#include "driver_types.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace emulated {

class SharedMemory {
public:
    static constexpr size_t kCapacity = 227 << 10; // sm_90's limit, the largest there is

    SharedMemory();
    // A block begins: everything is undefined again, `dynamic` bytes belong to the dynamic array.
    void begin_block(size_t dynamic);
    // Storage of a static array; null when the block's memory is used up.
    void* allocate_static(size_t bytes);
    unsigned char* dynamic() { return bytes_; }
    size_t static_bytes() const { return used_ - dynamic_bytes_; }

    bool contains(uintptr_t address) const { return address - reinterpret_cast<uintptr_t>(bytes_) < kCapacity; }
    // All threads of the block have met: what was touched before is visible to all.
    void block_barrier() { epoch_++; }
    void warp_barrier(int warp) { warp_epochs_[warp] = ++epoch_of_warps_; }
    uint64_t serial() const { return serial_; }

    // Judges an access by `thread` and records it; on a mistake faults and does not return.
    void access(uintptr_t address, unsigned bytes, bool is_write, int thread);
    // An atomic access: no race with other atomics.
    void atomic(uintptr_t address, unsigned bytes, int thread);
    // The bytes are about to be written by the hardware at a time of its choosing.
    void make_undefined(uintptr_t address, unsigned bytes, int thread);
    // The same of a tensor copy, which threads order by an mbarrier; and its end.
    void begin_transfer(uintptr_t address, size_t bytes);
    void end_transfer(uintptr_t address, size_t bytes);

    // Addresses as descriptors and instructions give them: in a window of which the system has the first KiB. The dynamic array starts
    // where static ones may end, not at a multiple of more than 128.
    uint32_t window_address(uintptr_t address) const { return uint32_t(address - reinterpret_cast<uintptr_t>(bytes_)) + kWindowOffset; }
    unsigned char* pointer(uint32_t window_address) { return bytes_ + (int64_t(window_address) - kWindowOffset); }

private:
    // One record for every two bytes (the smallest element that kernels store); epochs count barriers over the whole run of the program,
    // so records of earlier blocks are simply old.
    struct Record {
        uint32_t write_epoch, write_warp_epoch;
        uint32_t read_epoch, read_warp_epoch;
        uint16_t writer, reader;
        bool atomic, undefined;
    };
    static constexpr uint32_t kWindowOffset = 1024 + 128;
    static constexpr uint16_t kSeveral = 0xFFFF;     // readers of more than one warp
    static constexpr uint16_t kCopyEngine = 0xFFFE;  // as a writer
    static constexpr uint16_t kLanesOfWarp = 0x8000; // with the warp's number: several lanes of it
    void check_bounds(uintptr_t offset, unsigned bytes, bool is_write) const;
    bool ordered(uint16_t other, uint32_t warp_epoch, int thread) const;
    bool is_written_before(const Record& r, uintptr_t address, int thread) const;
    uint16_t joined_reader(const Record& r, int thread) const;

    unsigned char* bytes_;
    std::vector<Record> records_;
    uint32_t epoch_ = 1, block_epoch_ = 1, epoch_of_warps_ = 1;
    uint32_t warp_epochs_[32] = {};
    size_t dynamic_bytes_ = 0, used_ = 0;
    uint64_t serial_ = 0;
};

SharedMemory& shared_memory();

} // namespace emulated
