// The emulated GPU's memory: one range of addresses with a shadow byte for every byte, so that any access can be judged exactly.
//   * fresh memory is filled with 0xFF (NaN in every float format, -1 in every integer) and counts as undefined until written;
//   * allocations lie between red zones, which are compared after every launch and at every free;
//   * freed memory is poisoned, kept in quarantine, and compared before it is used again.
#pragma once
#include "driver_types.h"

#include <cstring>
#include <deque>
#include <map>
#include <string>

namespace emulated {

// With AddressSanitizer the bytes outside of live allocations are forbidden to it as well, so that it stops a stray access on the spot.
void forbid_to_sanitizer(uintptr_t address, size_t bytes);
void allow_to_sanitizer(uintptr_t address, size_t bytes);
#ifdef __SANITIZE_ADDRESS__
constexpr bool kSanitizerGuards = true; // and red zones need no comparing
#else
constexpr bool kSanitizerGuards = false;
#endif

class DeviceMemory {
public:
    static DeviceMemory& instance();

    // 0 when the memory is used up. Aligned to 256 bytes.
    CUdeviceptr allocate(size_t bytes);
    CUresult free(CUdeviceptr address);
    size_t total() const { return total_; }
    size_t available() const { return total_ - used_; }

    // Whether [address, address + bytes) lies in one live allocation; prints what is wrong otherwise.
    bool check_range(CUdeviceptr address, size_t bytes, const char* operation) const;
    // Host-side writes and copies; the ranges are checked before.
    void fill_from(CUdeviceptr to, const void* from, size_t bytes);
    void copy(CUdeviceptr to, CUdeviceptr from, size_t bytes);
    void mark_defined(CUdeviceptr address, size_t bytes);

    // Compares all red zones, and of the freed memory what is small (all of it when `thorough`). False, with a report, when something was
    // overwritten.
    bool check_red_zones(bool thorough = false);
    // Live allocations, reported one a line; returns how many.
    size_t report_leaks() const;
    // Where an address lies, in words: "4 bytes past the end of a 400-byte allocation".
    std::string describe(uintptr_t address) const;

    bool contains(uintptr_t address) const { return address - begin_ < span_; }
    // Kernel accesses, judged by shadow; a write defines the bytes.
    enum class Verdict { kAllowed, kOutside, kUndefined, kRace };
    Verdict read(uintptr_t address, unsigned bytes) const;
    Verdict write(uintptr_t address, unsigned bytes);
    // The block whose threads run now: its number among all blocks of all launches, and that of its launch's first block. Blocks of one
    // launch have no order, so what one writes no other may touch.
    void set_block(uint32_t block, uint32_t first_of_launch) {
        block_ = block;
        launch_ = first_of_launch;
    }
    // After an atomic operation other blocks may touch the bytes.
    void forget_writer(uintptr_t address, unsigned bytes);

private:
    DeviceMemory();
    struct Extent {
        size_t bytes;     // asked for
        size_t footprint; // with both red zones
    };
    bool written_by_other(uintptr_t address, unsigned bytes) const;
    bool zone_intact(uintptr_t begin, size_t bytes, uint8_t pattern, const char* what, uintptr_t owner, size_t owner_bytes) const;
    bool quarantine_intact(uintptr_t address, const Extent& extent) const;

    static constexpr uint8_t kForbidden = 0, kUndefined = 1, kDefined = 2;
    static constexpr size_t kRedZone = 256;
    static constexpr uint8_t kRedZonePattern = 0xFD, kPoison = 0xFF;
    static constexpr size_t kQuarantineBytes = size_t(64) << 20;

    uintptr_t begin_ = 0;
    size_t span_ = 0;
    uint8_t* shadow_ = nullptr;   // a byte for each byte
    uint32_t* writers_ = nullptr; // the last block that wrote, for every two bytes
    uint32_t block_ = 0, launch_ = 0;
    size_t total_ = 0, used_ = 0, quarantined_ = 0;
    std::map<uintptr_t, Extent> live_;                       // by first usable byte
    std::deque<std::pair<uintptr_t, Extent>> quarantine_;    // oldest first
    std::map<uintptr_t, size_t> holes_;                      // free footprints
};

// Page-locked host memory, with red zones of its own. Returns null when the host has no memory.
class PinnedMemory {
public:
    static PinnedMemory& instance();
    void* allocate(size_t bytes);
    CUresult free(void* address);
    CUresult register_range(void* address, size_t bytes);
    CUresult unregister(void* address);
    bool contains(const void* address) const;
    size_t report_leaks() const;

private:
    struct Block {
        size_t bytes;
        bool owned;
    };
    static constexpr size_t kRedZone = 4096;
    std::map<uintptr_t, Block> blocks_;
};

} // namespace emulated
