#include "block.h"

#include "async_units.h"
#include "device_memory.h"
#include "fault.h"
#include "shared_memory.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <numeric>

extern "C" {
uint3 emulated_thread_index;
uint3 emulated_block_index;
dim3 emulated_block_size;
dim3 emulated_grid_size;
}

namespace emulated {

namespace {

// xorshift64*: only orders depend on it.
uint64_t random_state() {
    const char* seed = std::getenv("EMULATOR_SEED");
    return (seed != nullptr ? std::strtoull(seed, nullptr, 10) : 1) * 0x9E3779B97F4A7C15ull | 1;
}

} // namespace

uint64_t next_random() {
    static uint64_t state = random_state();
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545F4914F6CDD1Dull;
}

namespace {

void run_threads();

// Lanes of a warp that wait for each other in one operation.
struct Meeting {
    unsigned mask;
    Combine combine;
    unsigned arrived; // 0: over, free for the next
    void* arguments[32];
};

struct Warp {
    int first;         // its lanes start in the order of block.order[first …]
    uint32_t lanes;    // which exist
    uint32_t runnable; // by position in that order: not started, or ready to go on
    uint32_t ended;    // by lane
    std::vector<Meeting> meetings; // several are open only where subsets of lanes meet apart

    Meeting& meeting(unsigned mask, Combine combine) {
        Meeting* over = nullptr;
        for (Meeting& m : meetings) {
            if (m.arrived == 0) {
                over = &m;
            } else if (m.mask == mask && m.combine == combine) {
                return m;
            }
        }
        Meeting& fresh = over != nullptr ? *over : meetings.emplace_back();
        fresh = {mask, combine, 0, {}};
        return fresh;
    }
};

// The block that is running.
struct Block {
    FiberPool fibers{&run_threads};
    const Launch* launch = nullptr;
    std::vector<Thread> threads;
    std::vector<int> order;      // threads as they start: warps shuffled, lanes shuffled within their warp
    std::vector<Warp> warps;
    std::vector<int> warp_order;
    int started = 0, at_barrier = 0, done = 0; // counts
    Thread* current = nullptr;
    CUresult fault = CUDA_SUCCESS;

    Warp& warp_of(const Thread& thread) { return warps[thread.linear / 32]; }
};

Block& block = *new Block(); // never destroyed: a kernel may still run on another thread when the process exits

template <class Iterator> void shuffle_range(Iterator begin, Iterator end) {
    for (auto n = end - begin; n > 1; n--) {
        std::swap(begin[n - 1], begin[next_random() % uint64_t(n)]);
    }
}

void order_threads(int threads) {
    block.order.resize(threads);
    std::iota(block.order.begin(), block.order.end(), 0);
    block.warps.resize((threads + 31) / 32);
    block.warp_order.resize(block.warps.size());
    std::iota(block.warp_order.begin(), block.warp_order.end(), 0);
    shuffle_range(block.warp_order.begin(), block.warp_order.end());
    int position = 0;
    for (int w : block.warp_order) {
        const int count = std::min(threads - w * 32, 32);
        std::iota(block.order.begin() + position, block.order.begin() + position + count, w * 32);
        shuffle_range(block.order.begin() + position, block.order.begin() + position + count);
        for (int i = 0; i < count; i++) {
            block.threads[block.order[position + i]].position = i;
        }
        block.warps[w].first = position;
        block.warps[w].lanes = count == 32 ? FULL_WARP : (1u << count) - 1;
        position += count;
    }
}

void become(Thread& thread) {
    block.current = &thread;
    block.warp_of(thread).runnable &= ~(1u << thread.position);
    emulated_thread_index = thread.index;
}

// The body of every fiber: starts threads that nobody has started, until one waits or none is left.
void run_threads() {
    while (block.started < int(block.threads.size())) {
        Thread& thread = block.threads[block.order[block.started++]];
        thread.fiber = block.fibers.running();
        become(thread);
        block.launch->kernel->invoke(block.launch->parameters);
        thread.state = ThreadState::kDone;
        block.warp_of(thread).ended |= 1u << thread.linear % 32;
        block.done++;
    }
}

// The fiber on which a runnable thread of the warp goes on: the next one after `position`, else the first.
Fiber* next_fiber(const Warp& warp, int position) {
    const uint32_t later = warp.runnable & ~((2u << position) - 1);
    Thread& thread = block.threads[block.order[warp.first + __builtin_ctz(later != 0 ? later : warp.runnable)]];
    if (thread.state == ThreadState::kNotStarted) {
        return block.fibers.take(); // starts the first thread that nobody has started, which is this one
    }
    thread.state = ThreadState::kRunning;
    become(thread);
    return thread.fiber;
}

// Suspends the current thread. The others of its warp go on directly, which halves the switches; when all of them wait, the scheduler does.
void wait(ThreadState state, const char* file, int line) {
    Thread* self = block.current;
    self->state = state;
    self->file = file;
    self->line = line;
    const Warp& warp = block.warp_of(*self);
    if (warp.runnable != 0) {
        block.fibers.switch_to(next_fiber(warp, self->position));
    } else {
        block.fibers.leave();
    }
}

// Nobody can go on: says who waits where.
void report_deadlock() {
    int at_warp = 0, at_mbarrier = 0, at_warpgroup = 0;
    const Thread* waiting = nullptr;
    for (const Thread& thread : block.threads) {
        at_warp += thread.state == ThreadState::kAtWarp;
        at_mbarrier += thread.state == ThreadState::kAtMbarrier;
        at_warpgroup += thread.state == ThreadState::kAtWarpgroup;
        if (thread.state == ThreadState::kAtBarrier || (waiting == nullptr && thread.state != ThreadState::kDone)) {
            waiting = &thread;
        }
    }
    if (at_mbarrier + at_warpgroup > 0) {
        block.fault = report(CUDA_ERROR_LAUNCH_FAILED,
                             "kernel %s, block (%u,%u,%u): a phase that never completes: of %zu threads %d wait at an mbarrier, %d at a warpgroup's "
                             "product, %d at a block barrier, %d have ended; one waits at %s %d",
                             block.launch->kernel->name, emulated_block_index.x, emulated_block_index.y, emulated_block_index.z, block.threads.size(),
                             at_mbarrier, at_warpgroup, block.at_barrier, block.done, waiting->file, waiting->line);
        return;
    }
    block.fault = report(CUDA_ERROR_LAUNCH_FAILED,
                         "kernel %s, block (%u,%u,%u): %s in divergent code: of %zu threads %d wait at a block barrier, %d at a warp "
                         "operation, %d have ended; one waits at %s:%d",
                         block.launch->kernel->name, emulated_block_index.x, emulated_block_index.y, emulated_block_index.z,
                         block.at_barrier > 0 ? "barrier" : "warp operation", block.threads.size(), block.at_barrier, at_warp, block.done, waiting->file, waiting->line);
}

void run_block() {
    shared_memory().begin_block(block.launch->dynamic_shared);
    for (Thread& thread : block.threads) {
        thread.state = ThreadState::kNotStarted;
        thread.open_group = 0;
        thread.copies.clear();
    }
    for (Warp& warp : block.warps) {
        warp.runnable = warp.lanes; // as many positions as lanes
        warp.ended = 0;
        warp.meetings.clear();
    }
    block.started = block.at_barrier = block.done = 0;
    begin_async_units(int(block.threads.size()));
    while (block.done < int(block.threads.size()) && block.fault == CUDA_SUCCESS) {
        bool progress = false;
        for (int w : block.warp_order) {
            while (block.warps[w].runnable != 0 && block.fault == CUDA_SUCCESS) {
                block.fibers.enter(next_fiber(block.warps[w], 31));
                progress = true;
            }
        }
        if (!progress && block.fault == CUDA_SUCCESS && !advance_async_units()) {
            report_deadlock();
        }
    }
    if (const char* left = block.fault == CUDA_SUCCESS ? left_under_way() : nullptr; left != nullptr) {
        block.fault = report(CUDA_ERROR_LAUNCH_FAILED, "kernel %s, block (%u,%u,%u) has ended with %s under way", block.launch->kernel->name,
                             emulated_block_index.x, emulated_block_index.y, emulated_block_index.z, left);
    }
    block.current = nullptr;
    block.launch->kernel->static_shared = std::max(block.launch->kernel->static_shared, shared_memory().static_bytes());
}

} // namespace

CUresult run(const Launch& launch) {
    block.launch = &launch;
    block.fault = CUDA_SUCCESS;
    emulated_block_size = launch.block;
    emulated_grid_size = launch.grid;
    const int threads = int(launch.block.x * launch.block.y * launch.block.z);
    block.threads.resize(threads);
    for (int i = 0; i < threads; i++) {
        const unsigned u = unsigned(i);
        block.threads[i].linear = i;
        block.threads[i].index = {u % launch.block.x, u / launch.block.x % launch.block.y, u / launch.block.x / launch.block.y};
    }
    order_threads(threads);
    const uint64_t blocks = uint64_t(launch.grid.x) * launch.grid.y * launch.grid.z;
    const uint64_t first = next_random() % blocks; // blocks in order from a random one on
    static uint32_t blocks_before = 1;             // in all launches so far
    for (uint64_t i = 0; i < blocks && block.fault == CUDA_SUCCESS; i++) {
        const uint64_t b = (first + i) % blocks;
        emulated_block_index = {unsigned(b % launch.grid.x), unsigned(b / launch.grid.x % launch.grid.y),
                                unsigned(b / launch.grid.x / launch.grid.y)};
        DeviceMemory::instance().set_block(blocks_before + uint32_t(i), blocks_before);
        run_block();
    }
    blocks_before += uint32_t(blocks);
    if (block.fault != CUDA_SUCCESS) {
        block.fibers.abandon_all();
        block.current = nullptr;
    }
    return block.fault;
}

Thread* current_thread() {
    return block.current;
}

void suspend(ThreadState state, const char* file, int line) {
    wait(state, file, line);
}

void wake(const Thread& thread) {
    block.warp_of(thread).runnable |= 1u << thread.position;
}

uintptr_t stacks_begin() {
    return block.fibers.stacks_begin();
}

uintptr_t stacks_size() {
    return block.fibers.stacks_size();
}

void fault(CUresult status, const char* format, ...) {
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    const uint3 t = block.current->index, b = emulated_block_index;
    block.fault = report(status, "kernel %s, block (%u,%u,%u), thread (%u,%u,%u): %s", block.launch->kernel->name, b.x, b.y, b.z, t.x, t.y, t.z,
                         message);
    block.fibers.leave();
    __builtin_unreachable(); // a launch with a fault resumes none of its threads
}

CUresult report(CUresult status, const char* format, ...) {
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    std::fprintf(stderr, "emulated CUDA: %s\n", message);
    return status;
}

// ---- what kernels call ------------------------------------------------------------------------------------------------------------------

void* static_shared(SharedSite* site, size_t bytes) {
    if (site->block_serial != shared_memory().serial()) {
        site->address = shared_memory().allocate_static(bytes);
        site->block_serial = shared_memory().serial();
        if (site->address == nullptr || shared_memory().static_bytes() > (48 << 10)) {
            fault(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "static shared memory exceeds 48 KiB");
        }
    }
    return site->address;
}

unsigned char* dynamic_shared() {
    return shared_memory().dynamic();
}

int block_barrier(Vote vote, int predicate, const char* file, int line) {
    Thread* self = block.current;
    self->predicate = predicate;
    block.at_barrier++;
    if (block.at_barrier < int(block.threads.size())) {
        wait(ThreadState::kAtBarrier, file, line);
        return self->predicate;
    }
    int count = 0;
    for (Thread& thread : block.threads) {
        if (&thread != self && (thread.line != line || thread.file != file)) {
            fault(CUDA_ERROR_LAUNCH_FAILED, "barrier in divergent code: this thread waits at %s:%d, another at %s:%d", file, line, thread.file,
                  thread.line);
        }
        count += thread.predicate != 0;
    }
    const int result = vote == Vote::kCount ? count : vote == Vote::kOr ? count > 0 : count == int(block.threads.size());
    for (Thread& thread : block.threads) {
        thread.predicate = result;
    }
    for (Warp& warp : block.warps) {
        warp.runnable = warp.lanes;
    }
    block.warp_of(*self).runnable &= ~(1u << self->position);
    block.at_barrier = 0;
    shared_memory().block_barrier();
    return result;
}

int lane() {
    return block.current->linear % 32;
}

void warp_rendezvous(unsigned mask, void* argument, Combine combine, const char* file, int line) {
    Thread* self = block.current;
    Warp& warp = block.warp_of(*self);
    const int lane = self->linear % 32;
    if ((mask >> lane & 1) == 0) {
        fault(CUDA_ERROR_LAUNCH_FAILED, "warp operation at %s:%d by a lane outside its mask %08x", file, line, mask);
    }
    if (const unsigned gone = mask & (warp.ended | ~warp.lanes); gone != 0) {
        const int first = __builtin_ctz(gone);
        fault(CUDA_ERROR_LAUNCH_FAILED, "warp operation in divergent code at %s:%d: lane %d is in the mask %08x but %s", file, line, first, mask,
              (warp.lanes >> first & 1) == 0 ? "does not exist" : "has ended");
    }
    Meeting& meeting = warp.meeting(mask, combine);
    meeting.arrived |= 1u << lane;
    meeting.arguments[lane] = argument;
    if (meeting.arrived != mask) {
        wait(ThreadState::kAtWarp, file, line); // the last to arrive does the work
        return;
    }
    void* arguments[32]; // on this thread's stack, where the instrumented code of a shuffle may read
    std::copy(std::begin(meeting.arguments), std::end(meeting.arguments), arguments);
    combine(arguments);
    meeting.arrived = 0;
    for (unsigned others = mask & ~(1u << lane); others != 0; others &= others - 1) {
        warp.runnable |= 1u << block.threads[self->linear - lane + __builtin_ctz(others)].position;
    }
}

void warp_barrier(unsigned mask, const char* file, int line) {
    char nothing = 0;
    warp_rendezvous(mask, &nothing, [](void* (&)[32]) { shared_memory().warp_barrier(block.current->linear / 32); }, file, line);
}

unsigned ballot(unsigned mask, bool predicate, const char* file, int line) {
    unsigned argument = predicate;
    warp_rendezvous(mask, &argument, [](void* (&lanes)[32]) {
        unsigned votes = 0;
        for (int i = 0; i < 32; i++) {
            votes |= lanes[i] != nullptr && *static_cast<unsigned*>(lanes[i]) != 0 ? 1u << i : 0u;
        }
        for (void* lane : lanes) {
            if (lane != nullptr) {
                *static_cast<unsigned*>(lane) = votes;
            }
        }
    }, file, line);
    return argument;
}

void shuffle_from_inactive_lane(int lane, int source) {
    fault(CUDA_ERROR_LAUNCH_FAILED, "shuffle: lane %d reads from lane %d, which does not take part", lane, source);
}

void trap() {
    fault(CUDA_ERROR_ILLEGAL_INSTRUCTION, "__trap()");
}

} // namespace emulated
