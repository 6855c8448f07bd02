// wgmma: operands decoded from their descriptors, fragments as kernels/common/warpgroup_mma.cuh restates them from the PTX manual.
#include "async_units.h"
#include "fault.h"
#include "shared_memory.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

namespace emulated {

namespace {

constexpr int kThreads = 128, kRows = 64, kDepth = 16;
constexpr int kLine = 64, kChunk = 8; // elements in a line, and in the 16 bytes that the swizzle moves

// The sums of one wgmma, or of several in a row. The hardware may read operands as early as a product is issued and until it is waited for:
// `values` holds the sums of what lay there when it was issued, no copy may write there before the wait, and the threads' registers hold NaN
// until each of them has waited.
struct Sums {
    int columns;
    float* registers[kThreads];
    std::vector<float> values; // kRows x columns
    bool delivered[kThreads];
    int unfinished; // products under way
    int last_group;
};

// Where a tile of rows x kDepth elements lies, as its descriptor says: in lines of 128 bytes.
struct Operand {
    bool transposed;
    int rows;
    uint32_t first;           // window address of the first element
    uint32_t leading, stride; // of transposed operands: bytes from 64 rows to the next 64, from eight reduction indices to the next eight

    int lines() const { return transposed ? rows / kLine * kDepth : rows; }
    // The window address of the tile's part of a line before the swizzle: 32 bytes, or of transposed operands all of it. Line i holds row i, or
    // reduction index i % kDepth of 64 rows.
    uint32_t line(int i) const {
        const int k = i % kDepth;
        return transposed ? first + uint32_t(i / kDepth) * leading + uint32_t(k / 8) * stride + uint32_t(k % 8) * 128 : first + uint32_t(i) * 128;
    }
    int chunks() const { return transposed ? 8 : 2; }
};

struct Product {
    size_t sums;
    Operand a, b;
    int group;
};

struct Warpgroup {
    // Threads on their way into the next wgmma.
    int arrived = 0;
    uint64_t a = 0, b = 0;
    int columns = 0;
    bool transposed = false;
    float* registers[kThreads] = {};
    std::vector<Sums> sums;
    std::vector<Product> products; // under way, oldest first
    std::vector<Thread*> meeting; // who has arrived there
    std::vector<Thread*> waiting; // for products
    int commits[kThreads] = {};
    int wanted = 0; // groups below this one are waited for
    bool fenced[kThreads] = {};
};

std::vector<Warpgroup> warpgroups;

Warpgroup& mine() {
    const int linear = current_thread()->linear;
    if (device_capability() != 90) {
        fault(CUDA_ERROR_ILLEGAL_INSTRUCTION, "wgmma exists on compute capability 9.0 alone");
    }
    if (linear / kThreads >= int(warpgroups.size())) {
        fault(CUDA_ERROR_ILLEGAL_INSTRUCTION, "wgmma by a warp that is in no whole warpgroup");
    }
    return warpgroups[linear / kThreads];
}

int thread_in_group() {
    return current_thread()->linear % kThreads;
}

Operand decode(uint64_t descriptor, int rows, bool transposed) {
    const auto stride_of = [&](int bit) { return uint32_t(descriptor >> bit & 0x3FFF) << 4; };
    const Operand operand{transposed, rows, stride_of(0), stride_of(16), stride_of(32)};
    const uint32_t base = uint32_t(descriptor >> 49 & 7), swizzle = uint32_t(descriptor >> 62);
    const bool whole_atoms = operand.first % 1024 == 0 && operand.leading % 1024 == 0 && operand.stride % 1024 == 0;
    if (swizzle != 1 || base != 0 || (transposed ? !whole_atoms : operand.stride != 1024)) {
        fault(CUDA_ERROR_NOT_SUPPORTED,
              "wgmma: of descriptors only 128-byte swizzle with 1024 bytes between eight rows, or for transposed operands whole atoms of 1024 bytes, "
              "is emulated, not %016llx", static_cast<unsigned long long>(descriptor));
    }
    return operand;
}

// Where 16 bytes of a line lie. The swizzle acts on the address.
uint32_t chunk_address(uint32_t line, int chunk) {
    const uint32_t address = line + uint32_t(chunk) * 16;
    return address ^ ((address >> 7 & 7) << 4);
}

void load_rows(float (*rows)[kDepth], const Operand& operand) {
    for (int line = 0; line < operand.lines(); line++) {
        for (int chunk = 0; chunk < operand.chunks(); chunk++) {
            uint16_t bits[kChunk];
            std::memcpy(bits, shared_memory().pointer(chunk_address(operand.line(line), chunk)), sizeof bits);
            for (int e = 0; e < kChunk; e++) {
                const float value = __uint_as_float(uint32_t(bits[e]) << 16);
                const int along = chunk * kChunk + e;
                (operand.transposed ? rows[line / kDepth * kLine + along][line % kDepth] : rows[line][along]) = value;
            }
        }
    }
}

// One product after another in the order of k, as the emulated mma.sync adds.
template <int Columns> void multiply(float* values, const float (*a)[kDepth], const float (*b)[kDepth]) {
    float transposed[kDepth][Columns];
    for (int column = 0; column < Columns; column++) {
        for (int k = 0; k < kDepth; k++) {
            transposed[k][column] = b[column][k];
        }
    }
    for (int row = 0; row < kRows; row++) {
        float* sums = values + row * Columns;
        for (int k = 0; k < kDepth; k++) {
            for (int column = 0; column < Columns; column++) {
                sums[column] = __builtin_fmaf(a[row][k], transposed[k][column], sums[column]);
            }
        }
    }
}

void multiply(Sums& sums, const Operand& operand_a, const Operand& operand_b) {
    static float a[kRows][kDepth], b[128][kDepth];
    load_rows(a, operand_a);
    load_rows(b, operand_b);
    sums.columns == 64 ? multiply<64>(sums.values.data(), a, b) : multiply<128>(sums.values.data(), a, b);
}

// Calls visit(register, value) for each of a thread's sums.
template <class Visit> void for_each_register(Sums& sums, int thread, Visit visit) {
    const int first_row = thread / 32 * 16 + thread % 32 / 4, first_column = thread % 4 * 2;
    for (int i = 0; i < sums.columns / 2; i++) {
        const int row = first_row + i % 4 / 2 * 8, column = first_column + i / 4 * 8 + i % 2;
        visit(sums.registers[thread][i], sums.values[row * sums.columns + column]);
    }
}

void check_operand(const Operand& operand, const char* name) {
    for (int line = 0; line < operand.lines(); line++) {
        const uint32_t address = operand.line(line);
        const auto begin = reinterpret_cast<uintptr_t>(shared_memory().pointer(address & ~127u));
        if (!shared_memory().contains(begin) || !shared_memory().contains(begin + 127)) {
            fault(CUDA_ERROR_ILLEGAL_ADDRESS, "wgmma: operand %s lies outside of shared memory", name);
        }
        for (int chunk = 0; chunk < operand.chunks(); chunk++) {
            shared_memory().access(reinterpret_cast<uintptr_t>(shared_memory().pointer(chunk_address(address, chunk))), 16, false,
                                   current_thread()->linear);
        }
    }
}

// The last thread of the warpgroup has come: the product is under way.
void issue(Warpgroup& group) {
    const Operand a = decode(group.a, kRows, group.transposed), b = decode(group.b, group.columns, group.transposed);
    check_operand(a, "A");
    check_operand(b, "B");
    auto sums = std::find_if(group.sums.begin(), group.sums.end(), [&](const Sums& s) { return s.registers[0] == group.registers[0]; });
    if (sums == group.sums.end()) {
        Sums fresh{};
        fresh.columns = group.columns;
        std::copy(std::begin(group.registers), std::end(group.registers), fresh.registers);
        fresh.values.resize(size_t(kRows) * group.columns);
        std::fill(std::begin(fresh.delivered), std::end(fresh.delivered), true);
        sums = group.sums.insert(group.sums.end(), fresh);
    }
    for (int thread = 0; thread < kThreads; thread++) {
        if (sums->delivered[thread]) {
            if (!group.fenced[thread]) {
                fault(CUDA_ERROR_LAUNCH_FAILED, "wgmma whose sums thread %d may have touched, with no wgmma.fence since", thread);
            }
            for_each_register(*sums, thread, [](float& mine, float& value) {
                value = mine;
                mine = std::numeric_limits<float>::quiet_NaN();
            });
            sums->delivered[thread] = false;
        }
    }
    multiply(*sums, a, b);
    sums->unfinished++;
    sums->last_group = group.commits[0];
    group.products.push_back({size_t(sums - group.sums.begin()), a, b, group.commits[0]});
}

} // namespace

void begin_products(int threads) {
    warpgroups.assign(threads / kThreads, {});
}

bool can_advance_products() {
    return std::any_of(warpgroups.begin(), warpgroups.end(),
                       [](const Warpgroup& g) { return !g.products.empty() && g.products.front().group < g.wanted; });
}

bool products_under_way() {
    return std::any_of(warpgroups.begin(), warpgroups.end(), [](const Warpgroup& g) { return !g.products.empty(); });
}

// The oldest group of a warpgroup that somebody waits for.
void advance_products() {
    std::vector<Warpgroup*> ready;
    for (Warpgroup& group : warpgroups) {
        if (!group.products.empty() && group.products.front().group < group.wanted) {
            ready.push_back(&group);
        }
    }
    Warpgroup& group = *ready[next_random() % ready.size()];
    const int oldest = group.products.front().group;
    auto end = group.products.begin();
    for (; end != group.products.end() && end->group == oldest; ++end) {
        group.sums[end->sums].unfinished--;
    }
    group.products.erase(group.products.begin(), end);
    for (Thread* thread : group.waiting) {
        wake(*thread);
    }
    group.waiting.clear();
}

bool is_product_operand(uintptr_t begin, size_t bytes) {
    const uint32_t from = shared_memory().window_address(begin), to = from + uint32_t(bytes);
    const auto overlaps = [&](const Operand& operand) {
        for (int i = 0; i < operand.lines(); i++) {
            const uint32_t line = operand.line(i) & ~127u;
            if (line < to && from < line + 128) {
                return true;
            }
        }
        return false;
    };
    for (const Warpgroup& group : warpgroups) {
        if (std::any_of(group.products.begin(), group.products.end(), [&](const Product& p) { return overlaps(p.a) || overlaps(p.b); })) {
            return true;
        }
    }
    return false;
}

void wgmma_k16_bf16(float* sums, int columns, uint64_t a, uint64_t b, bool transposed) {
    Warpgroup& group = mine();
    if (group.arrived == 0) {
        group.a = a, group.b = b, group.columns = columns, group.transposed = transposed;
    } else if (group.a != a || group.b != b || group.columns != columns || group.transposed != transposed) {
        fault(CUDA_ERROR_LAUNCH_FAILED, "wgmma: the threads of a warpgroup give different operands");
    }
    group.registers[thread_in_group()] = sums;
    if (++group.arrived < kThreads) {
        group.meeting.push_back(current_thread());
        suspend(ThreadState::kAtWarpgroup, "wgmma", columns);
        return;
    }
    issue(group);
    group.arrived = 0;
    for (Thread* thread : group.meeting) {
        wake(*thread);
    }
    group.meeting.clear();
}

void wgmma_fence() {
    mine().fenced[thread_in_group()] = true;
}

void wgmma_commit() {
    mine().commits[thread_in_group()]++;
}

void wgmma_wait(int pending_groups) {
    Warpgroup& group = mine();
    const int thread = thread_in_group(), needed = group.commits[thread] - pending_groups;
    group.wanted = std::max(group.wanted, needed);
    while (!group.products.empty() && group.products.front().group < needed) {
        group.waiting.push_back(current_thread());
        suspend(ThreadState::kAtWarpgroup, "wgmma.wait_group", pending_groups);
    }
    group.fenced[thread] = false;
    for (Sums& sums : group.sums) {
        if (sums.unfinished == 0 && sums.last_group < needed && !sums.delivered[thread]) {
            for_each_register(sums, thread, [](float& mine, float value) { mine = value; });
            sums.delivered[thread] = true;
        }
    }
}

} // namespace emulated
