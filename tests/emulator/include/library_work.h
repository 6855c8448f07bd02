// What the stand-in libraries (libraries/) ask of the emulated driver: to run host code in the order of a stream, as the kernels of a real library would.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

// A piece of device memory that the work reads, or defines by writing.
struct LibraryRange {
    uint64_t address;
    size_t bytes;
    bool written;
};

// Queues the work on a stream, or adds it to the graph that the stream is captured into. When the stream gets there, every range must lie in a live
// allocation. Returns a CUresult.
extern "C" int emulatedLibraryWork(void* stream, const std::vector<LibraryRange>& ranges, const std::function<void()>& work);
