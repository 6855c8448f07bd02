// cp.async.bulk.tensor: boxes of tensors into shared memory.
#include "async_units.h"
#include "device_memory.h"
#include "fault.h"
#include "memory_access.h"
#include "shared_memory.h"
#include "tensor_map.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace emulated {

namespace {

struct Transfer {
    EncodedTensorMap map;
    int64_t at[5];
    uintptr_t target;
    size_t bytes;
    uintptr_t barrier;
    uint64_t phase;
    bool under_way;
};

std::vector<Transfer> transfers; // the last one into each place

bool overlap(uintptr_t a, size_t a_bytes, uintptr_t b, size_t b_bytes) {
    return a < b + b_bytes && b < a + a_bytes;
}

int count(const EncodedTensorMap& map, int dimension) {
    return dimension >= map.rank ? 1 : (map.box[dimension] + map.steps[dimension] - 1) / map.steps[dimension];
}

// Calls visit(row's number in the box, global address of its first element inside, elements before those, elements inside) for every row along
// the innermost dimension; a row outside of the tensor has no elements inside.
template <class Visit> void for_each_row(const Transfer& t, Visit visit) {
    const EncodedTensorMap& map = t.map;
    const int64_t first = std::max<int64_t>(t.at[0], 0), last = std::min<int64_t>(t.at[0] + map.box[0], int64_t(map.sizes[0]));
    int row = 0;
    int i[5] = {};
    for (i[4] = 0; i[4] < count(map, 4); i[4]++) {
        for (i[3] = 0; i[3] < count(map, 3); i[3]++) {
            for (i[2] = 0; i[2] < count(map, 2); i[2]++) {
                for (i[1] = 0; i[1] < count(map, 1); i[1]++, row++) {
                    uint64_t address = map.address + first * map.element_bytes;
                    bool inside = last > first;
                    for (int d = 1; d < map.rank; d++) {
                        const int64_t position = t.at[d] + int64_t(i[d]) * map.steps[d];
                        inside &= position >= 0 && position < int64_t(map.sizes[d]);
                        address += uint64_t(position) * map.strides[d];
                    }
                    visit(row, address, int(first - t.at[0]), inside ? int(last - first) : 0);
                }
            }
        }
    }
}

// Within 1024 bytes of shared memory, chunk j of 16 bytes of the 128-byte row i lies at chunk j ^ i.
uint32_t swizzled(uint32_t address) {
    return address ^ ((address >> 7 & 7) << 4);
}

bool is_copy_target(uintptr_t begin, size_t bytes) {
    return std::any_of(transfers.begin(), transfers.end(),
                       [&](const Transfer& t) { return t.under_way && overlap(t.target, t.bytes, begin, bytes); });
}

} // namespace

void begin_copies() {
    transfers.clear();
}

bool can_advance_copies() {
    return std::any_of(transfers.begin(), transfers.end(), [](const Transfer& t) { return t.under_way; });
}

void advance_copies() {
    std::vector<Transfer*> under_way;
    for (Transfer& t : transfers) {
        if (t.under_way) {
            under_way.push_back(&t);
        }
    }
    Transfer& t = *under_way[next_random() % under_way.size()];
    const int row_bytes = t.map.box[0] * t.map.element_bytes;
    std::vector<unsigned char> line(row_bytes);
    for_each_row(t, [&](int row, uint64_t global, int before, int inside) {
        std::fill(line.begin(), line.end(), 0);
        if (inside > 0) {
            std::memcpy(&line[before * t.map.element_bytes], reinterpret_cast<const void*>(global), size_t(inside) * t.map.element_bytes);
        }
        for (int chunk = 0; chunk < row_bytes; chunk += 16) {
            const uint32_t address = shared_memory().window_address(t.target) + uint32_t(row * row_bytes + chunk);
            std::memcpy(shared_memory().pointer(t.map.swizzled ? swizzled(address) : address), &line[chunk], 16);
        }
    });
    shared_memory().end_transfer(t.target, t.bytes);
    t.under_way = false;
    complete_bytes(t.barrier, uint32_t(t.bytes));
}

bool has_seen_transfer(uintptr_t address, int thread) {
    for (const Transfer& t : transfers) {
        if (address - t.target < t.bytes) {
            return !t.under_way && has_seen_phase(t.barrier, t.phase, thread);
        }
    }
    return false;
}

void tensor_load(void* tile, const void* map, void* barrier, const int32_t* at, int rank) {
    Transfer t{};
    std::memcpy(&t.map, map, sizeof t.map);
    if (reinterpret_cast<uintptr_t>(map) % 64 != 0 || t.map.magic != EncodedTensorMap::kMagic || t.map.rank != rank) {
        fault(CUDA_ERROR_ILLEGAL_INSTRUCTION, "cp.async.bulk.tensor.%dd with a map at %p that cuTensorMapEncodeTiled did not write for it", rank, map);
    }
    t.target = reinterpret_cast<uintptr_t>(tile);
    t.barrier = reinterpret_cast<uintptr_t>(barrier);
    t.bytes = t.map.element_bytes;
    for (int d = 0; d < rank; d++) {
        t.at[d] = at[d];
        t.bytes *= size_t(count(t.map, d));
    }
    const uint32_t alignment = t.map.swizzled ? 1024 : 128;
    if (!shared_memory().contains(t.target) || shared_memory().window_address(t.target) % alignment != 0) {
        fault(CUDA_ERROR_MISALIGNED_ADDRESS, "cp.async.bulk.tensor to %p, which is not a multiple of %u in shared memory", tile, alignment);
    }
    if (is_copy_target(t.target, t.bytes)) {
        fault(CUDA_ERROR_ILLEGAL_ADDRESS, "cp.async.bulk.tensor into shared memory that another unfinished copy writes");
    }
    if (is_product_operand(t.target, t.bytes)) {
        fault(CUDA_ERROR_ILLEGAL_ADDRESS, "cp.async.bulk.tensor into shared memory that an unfinished wgmma reads");
    }
    t.phase = phase_for_copy(t.barrier);
    for_each_row(t, [&](int, uint64_t global, int, int inside) {
        if (inside > 0) {
            check_access(global, unsigned(inside) * t.map.element_bytes, false);
        }
    });
    shared_memory().begin_transfer(t.target, t.bytes);
    transfers.erase(std::remove_if(transfers.begin(), transfers.end(),
                                   [&](const Transfer& old) { return overlap(old.target, old.bytes, t.target, t.bytes); }),
                    transfers.end());
    t.under_way = true;
    transfers.push_back(t);
}

} // namespace emulated
