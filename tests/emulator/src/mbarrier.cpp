// mbarriers: arrivals of threads and bytes of copies, by phases.
#include "async_units.h"
#include "fault.h"
#include "shared_memory.h"

#include <map>
#include <vector>

namespace emulated {

namespace {

struct Mbarrier {
    uint32_t count;      // arrivals of a phase
    uint32_t missing;    // of the current phase
    int64_t bytes = 0;   // expected and not yet written
    uint64_t completed = 0; // phases
    bool fenced = false;    // visible to copies
    int initialiser;
    std::vector<Thread*> waiting;
};

std::map<uintptr_t, Mbarrier> barriers;
// Completed phases that a thread has seen, by barrier.
std::vector<std::map<uintptr_t, uint64_t>> seen;

Mbarrier& find(const void* address, const char* operation) {
    if (device_capability() < 90) {
        fault(CUDA_ERROR_ILLEGAL_INSTRUCTION, "%s: mbarriers with byte counts exist from compute capability 9.0 on", operation);
    }
    const auto found = barriers.find(reinterpret_cast<uintptr_t>(address));
    if (found == barriers.end()) {
        fault(CUDA_ERROR_ILLEGAL_ADDRESS, "%s: no mbarrier was initialised at %p", operation, address);
    }
    return found->second;
}

void complete_if_due(Mbarrier& barrier) {
    if (barrier.missing == 0 && barrier.bytes == 0) {
        barrier.completed++;
        barrier.missing = barrier.count;
        for (Thread* thread : barrier.waiting) {
            wake(*thread);
        }
        barrier.waiting.clear();
    }
}

} // namespace

void begin_mbarriers(int threads) {
    barriers.clear();
    seen.assign(threads, {});
}

void mbarrier_init(void* barrier, uint32_t arrivals) {
    const auto address = reinterpret_cast<uintptr_t>(barrier);
    if (!shared_memory().contains(address) || address % 8 != 0) {
        fault(CUDA_ERROR_MISALIGNED_ADDRESS, "mbarrier.init at %p, which is not 8 aligned bytes of shared memory", barrier);
    }
    shared_memory().access(address, 8, true, current_thread()->linear);
    Mbarrier fresh{};
    fresh.count = fresh.missing = arrivals;
    fresh.initialiser = current_thread()->linear;
    if (!barriers.emplace(address, fresh).second) {
        fault(CUDA_ERROR_LAUNCH_FAILED, "mbarrier.init of a barrier that was initialised before");
    }
}

void mbarrier_fence_init() {
    for (auto& [address, barrier] : barriers) {
        barrier.fenced |= barrier.initialiser == current_thread()->linear;
    }
}

void mbarrier_arrive(void* address, uint32_t bytes) {
    Mbarrier& barrier = find(address, "mbarrier.arrive");
    if (barrier.missing == 0) {
        fault(CUDA_ERROR_LAUNCH_FAILED, "mbarrier.arrive: more than the %u arrivals of a phase", barrier.count);
    }
    barrier.bytes += bytes;
    barrier.missing--;
    complete_if_due(barrier);
}

void mbarrier_wait(void* address, uint32_t parity) {
    Mbarrier& barrier = find(address, "mbarrier.try_wait");
    while ((barrier.completed & 1) == parity) {
        barrier.waiting.push_back(current_thread());
        suspend(ThreadState::kAtMbarrier, "mbarrier with parity", int(parity));
    }
    seen[current_thread()->linear][reinterpret_cast<uintptr_t>(address)] = barrier.completed;
}

uint64_t phase_for_copy(uintptr_t address) {
    const Mbarrier& barrier = find(reinterpret_cast<void*>(address), "cp.async.bulk.tensor");
    if (!barrier.fenced) {
        fault(CUDA_ERROR_LAUNCH_FAILED, "cp.async.bulk.tensor reports to an mbarrier that was initialised with no fence.mbarrier_init since");
    }
    return barrier.completed;
}

void complete_bytes(uintptr_t address, uint32_t bytes) {
    Mbarrier& barrier = barriers.at(address);
    barrier.bytes -= bytes;
    complete_if_due(barrier);
}

bool has_seen_phase(uintptr_t barrier, uint64_t phase, int thread) {
    const auto found = seen[thread].find(barrier);
    return found != seen[thread].end() && found->second > phase;
}

} // namespace emulated
