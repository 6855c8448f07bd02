// What the stand-in libraries have in common: exported calls, and a handle that holds device memory from creation to destruction, as the real libraries'
// do, so that one that is never destroyed is a leak of the context.
#pragma once
#include <cstddef>
#include <cstdint>

#define LIBRARY_API extern "C" __attribute__((visibility("default"))) int

extern "C" int cuMemAlloc_v2(uint64_t* address, size_t bytes);
extern "C" int cuMemFree_v2(uint64_t address);

struct Handle {
    void* stream = nullptr;
    uint64_t held = 0;

    bool hold() { return cuMemAlloc_v2(&held, 4096) == 0; }
    // False when the context, and the memory with it, is gone already.
    bool let_go() { return cuMemFree_v2(held) == 0; }
};
