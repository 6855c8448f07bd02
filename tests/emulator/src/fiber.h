// Fibers: stacks of their own, switched by hand, all on the calling operating-system thread.
#pragma once
#include <cstddef>
#include <cstdint>

namespace emulated {

class Fiber;

// A pool of fibers whose stacks lie in one address range. Every fiber runs `body` over and over: body returns when there is nothing to
// start, and the fiber is idle until it is taken again.
class FiberPool {
public:
    explicit FiberPool(void (*body)());
    FiberPool(const FiberPool&) = delete;
    FiberPool& operator=(const FiberPool&) = delete;

    // An idle fiber, or null when all kCapacity are in use.
    Fiber* take();
    // Runs the fiber until it calls leave() or its body returns, which makes it idle.
    void enter(Fiber* fiber);
    // From inside a fiber: suspends it and runs the other instead.
    void switch_to(Fiber* fiber);
    // From inside a fiber: back to whoever called enter().
    void leave();
    // The fiber that is running, or null.
    Fiber* running() const { return running_; }
    // Forgets what all fibers were doing: none may be running.
    void abandon_all();

    uintptr_t stacks_begin() const { return begin_; }
    uintptr_t stacks_size() const { return kCapacity * kStackBytes; }

    static constexpr int kCapacity = 1024; // threads in a block
    // An odd number of pages: were it a power of two, all threads' frames would fall into the same few sets of every cache.
#ifdef __SANITIZE_ADDRESS__
    static constexpr size_t kStackBytes = 65 * 4096;
#else
    static constexpr size_t kStackBytes = 17 * 4096;
#endif

private:
    static void entry();
    void prepare(Fiber& fiber);

    void (*body_)();
    uintptr_t begin_;
    Fiber* fibers_;
    int created_ = 0;
    Fiber* idle_ = nullptr;
    Fiber* running_ = nullptr;
};

} // namespace emulated
