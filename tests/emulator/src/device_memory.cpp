#include "device_memory.h"

#include "fault.h"

#include <sys/mman.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

#include <cstdio>
#include <cstdlib>

namespace emulated {

#ifdef __SANITIZE_ADDRESS__
void forbid_to_sanitizer(uintptr_t address, size_t bytes) {
    __asan_poison_memory_region(reinterpret_cast<void*>(address), bytes);
}
void allow_to_sanitizer(uintptr_t address, size_t bytes) {
    __asan_unpoison_memory_region(reinterpret_cast<void*>(address), bytes);
}
#else
void forbid_to_sanitizer(uintptr_t, size_t) {}
void allow_to_sanitizer(uintptr_t, size_t) {}
#endif

static size_t round_up(size_t bytes) {
    return (bytes + 255) / 256 * 256;
}

DeviceMemory& DeviceMemory::instance() {
    static DeviceMemory* memory = new DeviceMemory(); // never destroyed: the leak report at exit still needs it
    return *memory;
}

DeviceMemory::DeviceMemory() {
    const char* setting = std::getenv("EMULATOR_MEMORY_MIB");
    total_ = size_t(setting != nullptr ? std::atoll(setting) : 6144) << 20;
    span_ = total_ + total_ / 4 + (size_t(256) << 20); // room for red zones and quarantine
    void* range = mmap(nullptr, 4 * span_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (range == MAP_FAILED) {
        std::perror("emulated CUDA: no address space for device memory (EMULATOR_MEMORY_MIB sets its size)");
        std::abort();
    }
    begin_ = reinterpret_cast<uintptr_t>(range);
    shadow_ = reinterpret_cast<uint8_t*>(begin_ + span_);
    writers_ = reinterpret_cast<uint32_t*>(begin_ + 2 * span_);
    holes_[begin_] = span_;
}

CUdeviceptr DeviceMemory::allocate(size_t bytes) {
    if (bytes == 0 || bytes > total_ - used_) {
        return 0;
    }
    const size_t footprint = round_up(bytes) + 2 * kRedZone;
    auto hole = holes_.begin();
    while (hole != holes_.end() && hole->second < footprint) {
        ++hole;
    }
    if (hole == holes_.end()) {
        return 0;
    }
    const uintptr_t start = hole->first, rest = hole->second - footprint;
    holes_.erase(hole);
    if (rest > 0) {
        holes_[start + footprint] = rest;
    }
    const uintptr_t address = start + kRedZone;
    allow_to_sanitizer(start, footprint);
    std::memset(reinterpret_cast<void*>(start), kRedZonePattern, kRedZone);
    std::memset(reinterpret_cast<void*>(address), kPoison, bytes);
    std::memset(reinterpret_cast<void*>(address + bytes), kRedZonePattern, footprint - kRedZone - bytes);
    forbid_to_sanitizer(start, kRedZone);
    forbid_to_sanitizer(address + bytes, footprint - kRedZone - bytes);
    std::memset(shadow_ + (address - begin_), kUndefined, bytes);
    live_[address] = {bytes, footprint};
    used_ += bytes;
    return address;
}

CUresult DeviceMemory::free(CUdeviceptr address) {
    const auto found = live_.find(address);
    if (found == live_.end()) {
        for (const auto& [freed, extent] : quarantine_) {
            if (freed == address) {
                return report(CUDA_ERROR_INVALID_VALUE, "double free of a %zu-byte allocation", extent.bytes);
            }
        }
        return report(CUDA_ERROR_INVALID_VALUE, "free of 0x%llx, which was never allocated", static_cast<unsigned long long>(address));
    }
    const bool intact = check_red_zones();
    const Extent extent = found->second;
    live_.erase(found);
    used_ -= extent.bytes;
    std::memset(reinterpret_cast<void*>(address), kPoison, extent.bytes);
    std::memset(shadow_ + (address - begin_), kForbidden, extent.bytes);
    forbid_to_sanitizer(address, extent.bytes);
    quarantine_.emplace_back(address, extent);
    quarantined_ += extent.footprint;
    bool untouched = true;
    while (quarantined_ > kQuarantineBytes) {
        const auto [oldest, gone] = quarantine_.front();
        quarantine_.pop_front();
        quarantined_ -= gone.footprint;
        untouched &= quarantine_intact(oldest, gone);
        auto hole = holes_.emplace(oldest - kRedZone, gone.footprint).first;
        const auto next = std::next(hole);
        if (next != holes_.end() && hole->first + hole->second == next->first) {
            hole->second += next->second;
            holes_.erase(next);
        }
        if (hole != holes_.begin()) {
            const auto previous = std::prev(hole);
            if (previous->first + previous->second == hole->first) {
                previous->second += hole->second;
                holes_.erase(hole);
            }
        }
        madvise(reinterpret_cast<void*>((oldest + 4095) / 4096 * 4096), gone.bytes / 4096 > 2 ? (gone.bytes / 4096 - 1) * 4096 : 0, MADV_DONTNEED);
    }
    return intact && untouched ? CUDA_SUCCESS : CUDA_ERROR_ILLEGAL_ADDRESS;
}

bool DeviceMemory::check_range(CUdeviceptr address, size_t bytes, const char* operation) const {
    auto next = live_.upper_bound(address);
    if (next != live_.begin()) {
        const auto& [start, extent] = *std::prev(next);
        if (address - start <= extent.bytes && bytes <= extent.bytes - (address - start)) {
            return true;
        }
    }
    report(CUDA_ERROR_INVALID_VALUE, "%s of %zu bytes at 0x%llx: %s", operation, bytes, static_cast<unsigned long long>(address),
           describe(address).c_str());
    return false;
}

void DeviceMemory::fill_from(CUdeviceptr to, const void* from, size_t bytes) {
    std::memcpy(reinterpret_cast<void*>(to), from, bytes);
    mark_defined(to, bytes);
}

void DeviceMemory::copy(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
    std::memmove(reinterpret_cast<void*>(to), reinterpret_cast<void*>(from), bytes);
    std::memmove(shadow_ + (to - begin_), shadow_ + (from - begin_), bytes);
}

void DeviceMemory::mark_defined(CUdeviceptr address, size_t bytes) {
    std::memset(shadow_ + (address - begin_), kDefined, bytes);
}

bool DeviceMemory::zone_intact(uintptr_t begin, size_t bytes, uint8_t pattern, const char* what, uintptr_t owner, size_t owner_bytes) const {
    if (kSanitizerGuards) {
        return true;
    }
    const auto* zone = reinterpret_cast<const uint8_t*>(begin);
    // The first byte by hand, the rest against itself shifted by one: memcmp is the fastest loop there is.
    if (bytes == 0 || (zone[0] == pattern && std::memcmp(zone, zone + 1, bytes - 1) == 0)) {
        return true;
    }
    size_t first = 0;
    while (zone[first] == pattern) {
        first++;
    }
    report(CUDA_ERROR_ILLEGAL_ADDRESS, "%s: byte %+lld of a %zu-byte allocation was overwritten", what,
           static_cast<long long>(begin + first) - static_cast<long long>(owner), owner_bytes);
    return false;
}

bool DeviceMemory::quarantine_intact(uintptr_t address, const Extent& extent) const {
    return zone_intact(address, extent.bytes, kPoison, "write after free", address, extent.bytes);
}

bool DeviceMemory::check_red_zones(bool thorough) {
    bool intact = true;
    for (const auto& [address, extent] : live_) {
        const bool ok = zone_intact(address - kRedZone, kRedZone, kRedZonePattern, "write before the start", address, extent.bytes)
                & zone_intact(address + extent.bytes, extent.footprint - kRedZone - extent.bytes, kRedZonePattern, "write past the end",
                              address, extent.bytes);
        if (!ok) { // mend them, so that one mistake is reported once
            std::memset(reinterpret_cast<void*>(address - kRedZone), kRedZonePattern, kRedZone);
            std::memset(reinterpret_cast<void*>(address + extent.bytes), kRedZonePattern, extent.footprint - kRedZone - extent.bytes);
        }
        intact &= ok;
    }
    for (const auto& [address, extent] : quarantine_) {
        if ((thorough || extent.bytes <= 4096) && !quarantine_intact(address, extent)) {
            std::memset(reinterpret_cast<void*>(address), kPoison, extent.bytes);
            intact = false;
        }
    }
    return intact;
}

size_t DeviceMemory::report_leaks() const {
    for (const auto& [address, extent] : live_) {
        report(CUDA_ERROR_UNKNOWN, "leak: %zu bytes of device memory at 0x%llx were never freed", extent.bytes,
               static_cast<unsigned long long>(address));
    }
    return live_.size();
}

bool DeviceMemory::written_by_other(uintptr_t address, unsigned bytes) const {
    const uintptr_t offset = address - begin_;
    for (uintptr_t i = offset / 2; i <= (offset + bytes - 1) / 2 && bytes > 1; i++) { // single bytes may be neighbours of two blocks
        if (writers_[i] >= launch_ && writers_[i] != block_) {
            return true;
        }
    }
    return false;
}

DeviceMemory::Verdict DeviceMemory::read(uintptr_t address, unsigned bytes) const {
    const uint8_t* s = shadow_ + (address - begin_);
    bool defined = true;
    for (unsigned i = 0; i < bytes; i++) {
        if (s[i] == kForbidden) {
            return Verdict::kOutside;
        }
        defined &= s[i] == kDefined;
    }
    return !defined ? Verdict::kUndefined : written_by_other(address, bytes) ? Verdict::kRace : Verdict::kAllowed;
}

DeviceMemory::Verdict DeviceMemory::write(uintptr_t address, unsigned bytes) {
    uint8_t* s = shadow_ + (address - begin_);
    for (unsigned i = 0; i < bytes; i++) {
        if (s[i] == kForbidden) {
            return Verdict::kOutside;
        }
    }
    if (written_by_other(address, bytes)) {
        return Verdict::kRace;
    }
    std::memset(s, kDefined, bytes);
    const uintptr_t offset = address - begin_;
    for (uintptr_t i = offset / 2; i <= (offset + bytes - 1) / 2 && bytes > 1; i++) {
        writers_[i] = block_;
    }
    return Verdict::kAllowed;
}

void DeviceMemory::forget_writer(uintptr_t address, unsigned bytes) {
    const uintptr_t offset = address - begin_;
    std::memset(writers_ + offset / 2, 0, ((offset + bytes - 1) / 2 - offset / 2 + 1) * sizeof *writers_);
}

std::string DeviceMemory::describe(uintptr_t address) const {
    const auto text = [](size_t distance, const char* relation, size_t bytes, const char* kind) {
        char buffer[128];
        std::snprintf(buffer, sizeof buffer, "%zu bytes %s a %zu-byte %s", distance, relation, bytes, kind);
        return std::string(buffer);
    };
    for (const auto& [freed, extent] : quarantine_) {
        if (address - freed < extent.bytes) {
            return text(address - freed, "into", extent.bytes, "allocation that was freed");
        }
    }
    auto next = live_.upper_bound(address);
    if (next != live_.begin()) {
        const auto& [start, extent] = *std::prev(next);
        if (address - start < extent.bytes) {
            return text(address - start, "into", extent.bytes, "allocation");
        }
        if (address - start < extent.footprint) {
            return text(address - start - extent.bytes, "past the end of", extent.bytes, "allocation");
        }
    }
    if (next != live_.end() && next->first - address <= kRedZone) {
        return text(next->first - address, "before the start of", next->second.bytes, "allocation");
    }
    return "not device memory";
}

PinnedMemory& PinnedMemory::instance() {
    static PinnedMemory* memory = new PinnedMemory();
    return *memory;
}

void* PinnedMemory::allocate(size_t bytes) {
    auto* start = static_cast<uint8_t*>(std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096 + 2 * kRedZone));
    if (start == nullptr) {
        return nullptr;
    }
    std::memset(start, 0xFD, kRedZone);
    std::memset(start + kRedZone, 0xFF, bytes);
    std::memset(start + kRedZone + bytes, 0xFD, kRedZone);
    blocks_[reinterpret_cast<uintptr_t>(start + kRedZone)] = {bytes, true};
    return start + kRedZone;
}

CUresult PinnedMemory::free(void* address) {
    const auto found = blocks_.find(reinterpret_cast<uintptr_t>(address));
    if (found == blocks_.end() || !found->second.owned) {
        return report(CUDA_ERROR_INVALID_VALUE, "free of page-locked memory at %p, which is not allocated", address);
    }
    auto* start = static_cast<uint8_t*>(address) - kRedZone;
    const uint8_t* after = static_cast<uint8_t*>(address) + found->second.bytes;
    bool intact = true;
    for (size_t i = 0; i < kRedZone; i++) {
        intact &= start[i] == 0xFD && after[i] == 0xFD;
    }
    const size_t bytes = found->second.bytes;
    blocks_.erase(found);
    std::free(start);
    return intact ? CUDA_SUCCESS : report(CUDA_ERROR_ILLEGAL_ADDRESS, "the red zone around %zu bytes of page-locked memory was overwritten", bytes);
}

CUresult PinnedMemory::register_range(void* address, size_t bytes) {
    if (!blocks_.emplace(reinterpret_cast<uintptr_t>(address), Block{bytes, false}).second) {
        return CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED;
    }
    return CUDA_SUCCESS;
}

CUresult PinnedMemory::unregister(void* address) {
    const auto found = blocks_.find(reinterpret_cast<uintptr_t>(address));
    if (found == blocks_.end() || found->second.owned) {
        return CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED;
    }
    blocks_.erase(found);
    return CUDA_SUCCESS;
}

bool PinnedMemory::contains(const void* address) const {
    const auto a = reinterpret_cast<uintptr_t>(address);
    auto next = blocks_.upper_bound(a);
    return next != blocks_.begin() && a - std::prev(next)->first < std::prev(next)->second.bytes;
}

size_t PinnedMemory::report_leaks() const {
    for (const auto& [address, block] : blocks_) {
        report(CUDA_ERROR_UNKNOWN, "leak: %zu bytes of page-locked memory at 0x%llx were never %s", block.bytes,
               static_cast<unsigned long long>(address), block.owned ? "freed" : "unregistered");
    }
    return blocks_.size();
}

} // namespace emulated
