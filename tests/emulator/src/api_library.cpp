// Work of the stand-in libraries, in the order of a stream.
#include "api.h"
#include "device_memory.h"
#include "library_work.h"

using namespace emulated;

extern "C" __attribute__((visibility("default"))) int emulatedLibraryWork(void* handle, const std::vector<LibraryRange>& ranges,
                                                                              const std::function<void()>& work) {
    REQUIRE_CONTEXT;
    Stream* stream = find_stream(handle);
    if (stream == nullptr || stream == &legacy_stream()) {
        return report(CUDA_ERROR_INVALID_HANDLE, "a library works on a stream that is not alive, or on the default one, which nothing waits for");
    }
    return enqueue(*stream, [ranges, work] {
        DeviceMemory& memory = DeviceMemory::instance();
        for (const LibraryRange& range : ranges) {
            if (range.bytes > 0 && !memory.check_range(range.address, range.bytes, range.written ? "a library's write" : "a library's read")) {
                return CUDA_ERROR_ILLEGAL_ADDRESS;
            }
        }
        work();
        for (const LibraryRange& range : ranges) {
            if (range.written && range.bytes > 0) {
                memory.mark_defined(range.address, range.bytes);
            }
        }
        return memory.check_red_zones() ? CUDA_SUCCESS : report(CUDA_ERROR_ILLEGAL_ADDRESS, "a library did that");
    });
}
