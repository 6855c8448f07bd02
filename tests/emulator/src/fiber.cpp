#include "fiber.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifndef __x86_64__
#include <ucontext.h>
#endif

namespace emulated {

// A suspended computation: a stack pointer on x86-64, where a switch is a dozen instructions; elsewhere the C library's context.
#ifdef __x86_64__
struct Context {
    void* stack_pointer = nullptr;
};
extern "C" void emulated_switch_stack(void** save, void* load);
asm(R"(
.text
.type emulated_switch_stack, @function
.globl emulated_switch_stack
.hidden emulated_switch_stack
emulated_switch_stack:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size emulated_switch_stack, .-emulated_switch_stack
)");

static void switch_context(Context& save, Context& load) {
    emulated_switch_stack(&save.stack_pointer, load.stack_pointer);
}

static void make_context(Context& context, char* stack, size_t bytes, void (*entry)()) {
    void** top = reinterpret_cast<void**>(stack + bytes);
    *--top = nullptr; // the return address of entry(), which never returns; leaves the stack aligned as a call does
    *--top = reinterpret_cast<void*>(entry);
    for (int i = 0; i < 6; i++) {
        *--top = nullptr; // the registers that the switch pops
    }
    context.stack_pointer = top;
}
#else
struct Context {
    ucontext_t state;
};

static void switch_context(Context& save, Context& load) {
    swapcontext(&save.state, &load.state);
}

static void make_context(Context& context, char* stack, size_t bytes, void (*entry)()) {
    getcontext(&context.state);
    context.state.uc_stack.ss_sp = stack;
    context.state.uc_stack.ss_size = bytes;
    context.state.uc_link = nullptr;
    makecontext(&context.state, entry, 0);
}
#endif

class Fiber {
public:
    Context context;
    char* stack;
    Fiber* next_idle;
};

static Context caller;
static FiberPool* pool;

// AddressSanitizer keeps bounds of the current stack; it must hear of every switch.
#ifdef __SANITIZE_ADDRESS__
static const void* caller_stack;
static size_t caller_stack_bytes;
static bool from_caller;
static void before_enter(Fiber& f, void** fake, bool by_caller) {
    from_caller = by_caller;
    __sanitizer_start_switch_fiber(fake, f.stack, FiberPool::kStackBytes);
}
static void before_leave(void** fake) { __sanitizer_start_switch_fiber(fake, caller_stack, caller_stack_bytes); }
static void after_leave(void* fake) { __sanitizer_finish_switch_fiber(fake, nullptr, nullptr); }
static void arrive(void* fake) {
    const void* stack;
    size_t bytes;
    __sanitizer_finish_switch_fiber(fake, &stack, &bytes);
    if (from_caller) {
        caller_stack = stack, caller_stack_bytes = bytes;
    }
}
static void forget(Fiber& f) { __asan_unpoison_memory_region(f.stack, FiberPool::kStackBytes); }
#else
static void before_enter(Fiber&, void**, bool) {}
static void before_leave(void**) {}
static void after_leave(void*) {}
static void arrive(void*) {}
static void forget(Fiber&) {}
#endif

FiberPool::FiberPool(void (*body)()) : body_(body) {
    void* range = mmap(nullptr, kCapacity * kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (range == MAP_FAILED) {
        std::perror("emulated CUDA: no address space for fiber stacks");
        std::abort();
    }
    begin_ = reinterpret_cast<uintptr_t>(range);
    fibers_ = new Fiber[kCapacity];
    pool = this;
}

Fiber* FiberPool::take() {
    if (idle_ != nullptr) {
        Fiber* fiber = idle_;
        idle_ = fiber->next_idle;
        return fiber;
    }
    if (created_ == kCapacity) {
        return nullptr;
    }
    Fiber& fiber = fibers_[created_];
    fiber.stack = reinterpret_cast<char*>(begin_) + created_ * kStackBytes;
    mprotect(fiber.stack, 4096, PROT_NONE); // a kernel that overflows its stack stops here
    created_++;
    prepare(fiber);
    return &fiber;
}

constexpr size_t kStackShift = 13 * 64; // odd in lines

void FiberPool::prepare(Fiber& fiber) {
    forget(fiber);
    // The same within a page: stacks begin at different lines of it.
    const size_t shift = size_t(&fiber - fibers_) * kStackShift % 4096;
    make_context(fiber.context, fiber.stack, kStackBytes - shift, &FiberPool::entry);
}

void FiberPool::entry() {
    arrive(nullptr);
    for (;;) {
        pool->body_();
        Fiber* self = pool->running_;
        self->next_idle = pool->idle_;
        pool->idle_ = self;
        pool->leave();
    }
}

void FiberPool::enter(Fiber* fiber) {
    void* fake = nullptr;
    running_ = fiber;
    before_enter(*fiber, &fake, true);
    switch_context(caller, fiber->context);
    after_leave(fake);
    running_ = nullptr;
}

void FiberPool::switch_to(Fiber* fiber) {
    void* fake = nullptr;
    Fiber* self = running_;
    running_ = fiber;
    before_enter(*fiber, &fake, false);
    switch_context(self->context, fiber->context);
    arrive(fake);
}

void FiberPool::leave() {
    void* fake = nullptr;
    Fiber* self = running_;
    before_leave(&fake);
    switch_context(self->context, caller);
    arrive(fake);
}

void FiberPool::abandon_all() {
    idle_ = nullptr;
    for (int i = created_ - 1; i >= 0; i--) {
        prepare(fibers_[i]);
        fibers_[i].next_idle = idle_;
        idle_ = &fibers_[i];
    }
}

} // namespace emulated
