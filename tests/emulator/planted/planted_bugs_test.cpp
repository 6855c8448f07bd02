// Shows that the emulated driver catches each planted mistake. Every case runs in a process of its own; it must return the expected status
// and say the expected words on stderr. The plain build cannot see reads and races; for those it must show what exposes them: NaN.
#include "device_memory.h"
#include "driver_types.h"
#include "memory_access.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

extern "C" {
CUresult cuInit(unsigned);
CUresult cuDevicePrimaryCtxRetain(void**, CUdevice);
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice);
CUresult cuCtxSetCurrent(void*);
CUresult cuCtxSynchronize();
CUresult cuModuleLoadData(void**, const void*);
CUresult cuModuleUnload(void*);
CUresult cuModuleGetFunction(void**, void*, const char*);
CUresult cuLaunchKernel(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*, void**, void**);
CUresult cuMemAlloc_v2(CUdeviceptr*, size_t);
CUresult cuMemFree_v2(CUdeviceptr);
CUresult cuMemcpyHtoD_v2(CUdeviceptr, const void*, size_t);
CUresult cuMemcpyDtoH_v2(void*, CUdeviceptr, size_t);
CUresult cuMemsetD32_v2(CUdeviceptr, unsigned, size_t);
CUresult cuStreamCreate(void**, unsigned);
CUresult cuStreamDestroy_v2(void*);
CUresult cuStreamBeginCapture_v2(void*, int);
CUresult cuStreamEndCapture(void*, void**);
CUresult cuGraphInstantiateWithFlags(void**, void*, unsigned long long);
CUresult cuGraphLaunch(void*, void*);
CUresult cuGraphExecDestroy(void*);
CUresult cuGraphDestroy(void*);
CUresult cuFuncSetAttribute(void*, CUfunction_attribute, int);
CUresult cuTensorMapEncodeTiled(void*, unsigned, uint32_t, void*, const uint64_t*, const uint64_t*, const uint32_t*, const uint32_t*, int, int, int,
                                int);
}

namespace {

void* module = nullptr;

CUresult launch(const char* name, unsigned grid, unsigned block, std::vector<void*> parameters, unsigned shared = 0, void* stream = nullptr) {
    void* function = nullptr;
    if (const CUresult status = cuModuleGetFunction(&function, module, name); status != CUDA_SUCCESS) {
        return status;
    }
    const CUresult status = cuLaunchKernel(function, grid, 1, 1, block, 1, 1, shared, stream, parameters.data(), nullptr);
    return status != CUDA_SUCCESS ? status : stream == nullptr ? cuCtxSynchronize() : CUDA_SUCCESS;
}

CUdeviceptr floats(size_t count, bool defined = true) {
    CUdeviceptr address = 0;
    cuMemAlloc_v2(&address, count * sizeof(float));
    if (defined) {
        cuMemsetD32_v2(address, 0, count);
    }
    return address;
}

// CUDA_ERROR_UNKNOWN when all of `count` floats are finite: the mistake left no trace.
CUresult trace_of_nan(CUdeviceptr address, size_t count) {
    std::vector<float> values(count);
    cuMemcpyDtoH_v2(values.data(), address, count * sizeof(float));
    for (float value : values) {
        if (std::isnan(value)) {
            std::fprintf(stderr, "NaN in the result\n");
            return CUDA_ERROR_ILLEGAL_ADDRESS;
        }
    }
    return CUDA_ERROR_UNKNOWN;
}

// Expected of a mistake that reads too early or waits for ever, by the order of threads. CUDA_ERROR_UNKNOWN still means that it left no trace.
constexpr auto kAnyFailure = CUresult(-1);

struct Case {
    const char* name;
    CUresult expected;
    const char* words;
    std::function<CUresult()> body;
    bool only_checked = false; // the plain build need not see it
    bool sanitizer = false;    // a build with AddressSanitizer stops the process at the access
};

CUresult correct() {
    CUdeviceptr x = floats(300), sums = floats(2);
    std::vector<float> ones(300, 1.f);
    cuMemcpyHtoD_v2(x, ones.data(), 300 * sizeof(float));
    int n = 300;
    CUresult status = launch("correct_block_sums", 2, 256, {&sums, &x, &n});
    float result[2] = {};
    cuMemcpyDtoH_v2(result, sums, sizeof result);
    if (status == CUDA_SUCCESS && !(result[0] == 256.f && result[1] == 44.f)) {
        return CUDA_ERROR_UNKNOWN;
    }
    cuMemFree_v2(x);
    cuMemFree_v2(sums);
    cuModuleUnload(module);
    return status != CUDA_SUCCESS ? status : cuDevicePrimaryCtxRelease_v2(0);
}

CUresult correct_graph() {
    CUdeviceptr x = floats(256), sums = floats(1);
    int n = 256;
    void *stream = nullptr, *graph = nullptr, *executable = nullptr;
    cuStreamCreate(&stream, 0);
    cuStreamBeginCapture_v2(stream, 0);
    launch("correct_block_sums", 1, 256, {&sums, &x, &n}, 0, stream);
    cuStreamEndCapture(stream, &graph);
    cuGraphInstantiateWithFlags(&executable, graph, 0);
    std::vector<float> values(256, 2.f); // written after the capture: a replay reads what is there then
    cuMemcpyHtoD_v2(x, values.data(), 256 * sizeof(float));
    CUresult status = cuGraphLaunch(executable, stream);
    float result = 0;
    cuMemcpyDtoH_v2(&result, sums, sizeof result);
    cuGraphExecDestroy(executable);
    cuGraphDestroy(graph);
    cuStreamDestroy_v2(stream);
    cuMemFree_v2(x);
    cuMemFree_v2(sums);
    return status != CUDA_SUCCESS ? status : result == 512.f ? cuDevicePrimaryCtxRelease_v2(0) : CUDA_ERROR_UNKNOWN;
}

template <class Body> std::function<CUresult()> with_output(size_t count, Body body) {
    return [=] {
        CUdeviceptr y = floats(count);
        return body(y);
    };
}

struct alignas(128) Map {
    unsigned char bytes[128];
};

// A (rows, columns) matrix of bf16 in boxes of 64 by 64, swizzled by 128 bytes. `box_columns` above 64 is more than the swizzle allows.
CUresult encode(Map& map, CUdeviceptr matrix, uint64_t rows, uint64_t columns, uint32_t box_columns = 64) {
    const uint64_t sizes[] = {columns, rows, 1}, strides[] = {columns * 2, rows * columns * 2};
    const uint32_t box[] = {box_columns, 64, 1}, steps[] = {1, 1, 1};
    return cuTensorMapEncodeTiled(&map, 9, 3, reinterpret_cast<void*>(matrix), sizes, strides, box, steps, 0, 3, 2, 0);
}

// The arguments of kernel warpgroup_product, as planted_warpgroup_bugs.cu declares them.
struct PlantedArguments {
    Map a, b;
    CUdeviceptr d;
    int steps, mistake;
};

// D (64, 64) = A (60, 200) · Bᵀ, B (64, 200): rows and columns past the ends count as zeros. The matrices hold small integers, exact in every
// order of summation. Mistakes that later steps would hide show in two steps, which fill each stage once.
CUresult warpgroup_product(int mistake, int steps = 4) {
    constexpr int kRowsA = 60, kColumns = 200;
    const auto value = [](int row, int column) { return float((row * 7 + column * 3) % 11 - 5); };
    const auto upload = [&](int rows) {
        std::vector<uint16_t> bits(size_t(rows) * kColumns);
        for (size_t i = 0; i < bits.size(); i++) {
            const float v = value(int(i) / kColumns, int(i) % kColumns);
            uint32_t wide;
            std::memcpy(&wide, &v, sizeof wide);
            bits[i] = uint16_t(wide >> 16);
        }
        CUdeviceptr address = 0;
        cuMemAlloc_v2(&address, bits.size() * 2);
        cuMemcpyHtoD_v2(address, bits.data(), bits.size() * 2);
        return address;
    };
    CUdeviceptr a = upload(kRowsA), b = upload(64), d = floats(64 * 64, false);
    PlantedArguments arguments{{}, {}, d, steps, mistake};
    if (encode(arguments.a, a, kRowsA, kColumns) != CUDA_SUCCESS || encode(arguments.b, b, 64, kColumns) != CUDA_SUCCESS) {
        return CUDA_ERROR_UNKNOWN;
    }
    const CUresult status = launch("warpgroup_product", 1, 160, {&arguments}, 2 * 16384 + 1024 + 128);
    if (status != CUDA_SUCCESS) {
        return status;
    }
    if (mistake != 0) {
        return trace_of_nan(d, 64 * 64);
    }
    std::vector<float> result(64 * 64);
    cuMemcpyDtoH_v2(result.data(), d, result.size() * sizeof(float));
    for (int i = 0; i < 64 * 64; i++) {
        float expected = 0;
        for (int column = 0; column < kColumns && i / 64 < kRowsA; column++) {
            expected += value(i / 64, column) * value(i % 64, column);
        }
        if (!(result[i] == expected)) {
            std::fprintf(stderr, "element %d is %g, not %g\n", i, result[i], expected);
            return CUDA_ERROR_UNKNOWN;
        }
    }
    cuMemFree_v2(a);
    cuMemFree_v2(b);
    cuMemFree_v2(d);
    cuModuleUnload(module);
    return cuDevicePrimaryCtxRelease_v2(0);
}

std::vector<Case> cases() {
    const bool checked = emulated::kChecked;
    const auto nan_unless_checked = [checked](CUresult status, CUdeviceptr y, size_t count) {
        return checked || status != CUDA_SUCCESS ? status : trace_of_nan(y, count);
    };
    return {
        {"correct kernel", CUDA_SUCCESS, "", correct},
        {"correct graph replay", CUDA_SUCCESS, "", correct_graph},
        {"write out of bounds by one", CUDA_ERROR_ILLEGAL_ADDRESS, checked ? "0 bytes past the end of" : "write past the end",
         with_output(100, [](CUdeviceptr y) { int n = 100; return launch("write_past_end", 1, 128, {&y, &n}); }), false, true},
        {"read out of bounds by one", CUDA_ERROR_ILLEGAL_ADDRESS, checked ? "read of 4 bytes" : "NaN",
         with_output(64, [=](CUdeviceptr y) {
             CUdeviceptr x = floats(64);
             int n = 64;
             return nan_unless_checked(launch("read_past_end", 1, 64, {&y, &x, &n}), y, 64);
         }), true, true},
        {"write after free", CUDA_ERROR_ILLEGAL_ADDRESS, checked ? "that was freed" : "write after free",
         with_output(64, [](CUdeviceptr y) { int n = 64; cuMemFree_v2(y); return launch("write_all", 1, 64, {&y, &n}); }), false, true},
        {"read after free", CUDA_ERROR_ILLEGAL_ADDRESS, checked ? "that was freed" : "NaN",
         with_output(64, [=](CUdeviceptr y) {
             CUdeviceptr x = floats(64);
             int n = 64;
             cuMemFree_v2(x);
             return nan_unless_checked(launch("copy_all", 1, 64, {&y, &x, &n}), y, 64);
         }), false, true},
        {"uninitialised read", CUDA_ERROR_ILLEGAL_ADDRESS, checked ? "uninitialised read" : "NaN",
         with_output(64, [=](CUdeviceptr y) {
             CUdeviceptr x = floats(64, false);
             int n = 64;
             return nan_unless_checked(launch("copy_all", 1, 64, {&y, &x, &n}), y, 64);
         })},
        {"double free", CUDA_ERROR_INVALID_VALUE, "double free", with_output(64, [](CUdeviceptr y) { cuMemFree_v2(y); return cuMemFree_v2(y); })},
        {"leak", CUDA_ERROR_UNKNOWN, "leak: 256 bytes", with_output(64, [](CUdeviceptr) { return cuDevicePrimaryCtxRelease_v2(0); })},
        {"host copy out of bounds", CUDA_ERROR_INVALID_VALUE, "copy to the device of 260 bytes",
         with_output(64, [](CUdeviceptr y) { float values[65] = {}; return cuMemcpyHtoD_v2(y, values, sizeof values); })},
        {"race between blocks", CUDA_ERROR_ILLEGAL_ADDRESS, "another block of the launch wrote",
         with_output(64, [](CUdeviceptr y) { return launch("overlapping_blocks", 2, 64, {&y}); }), true},
        {"missing barrier", CUDA_ERROR_ILLEGAL_ADDRESS, checked ? "shared memory" : "NaN",
         with_output(64, [=](CUdeviceptr y) { return nan_unless_checked(launch("missing_barrier", 1, 64, {&y}), y, 64); })},
        {"missing barrier before reuse", CUDA_ERROR_ILLEGAL_ADDRESS, "race",
         with_output(128, [](CUdeviceptr y) { return launch("missing_barrier_before_reuse", 1, 64, {&y}); }), true},
        {"barrier in divergent code", CUDA_ERROR_LAUNCH_FAILED, "barrier in divergent code",
         with_output(64, [](CUdeviceptr y) { return launch("divergent_barrier", 1, 64, {&y}); })},
        {"return before a barrier", CUDA_ERROR_LAUNCH_FAILED, "barrier in divergent code",
         with_output(64, [](CUdeviceptr y) { int n = 40; return launch("return_before_barrier", 1, 64, {&y, &n}); })},
        {"warp operation in divergent code", CUDA_ERROR_LAUNCH_FAILED, "warp operation in divergent code",
         with_output(32, [](CUdeviceptr y) { return launch("divergent_shuffle", 1, 32, {&y}); })},
        {"uninitialised shared memory", CUDA_ERROR_ILLEGAL_ADDRESS, checked ? "nobody has written" : "NaN",
         with_output(64, [=](CUdeviceptr y) { return nan_unless_checked(launch("undefined_shared", 1, 64, {&y}), y, 64); })},
        {"shared memory out of bounds", CUDA_ERROR_ILLEGAL_ADDRESS, "shared memory, past its end",
         with_output(64, [](CUdeviceptr y) { return launch("past_shared", 1, 64, {&y}, 128); }), true, true},
        {"cp.async read before the wait", CUDA_ERROR_ILLEGAL_ADDRESS, checked ? "unfinished copy" : "NaN",
         with_output(128, [=](CUdeviceptr y) {
             CUdeviceptr x = floats(128);
             return nan_unless_checked(launch("unfinished_copy", 1, 32, {&y, &x}), y, 32);
         })},
        {"cp.async misaligned", CUDA_ERROR_MISALIGNED_ADDRESS, "cp.async",
         with_output(128, [](CUdeviceptr y) { CUdeviceptr x = floats(128); return launch("misaligned_copy", 1, 1, {&y, &x}); })},
        {"too much shared memory", CUDA_ERROR_INVALID_VALUE, "too much shared memory",
         with_output(64, [](CUdeviceptr y) { return launch("past_shared", 1, 64, {&y}, 50000); })},
        {"too many threads", CUDA_ERROR_INVALID_VALUE, "too many threads",
         with_output(2048, [](CUdeviceptr y) { int n = 2048; return launch("write_all", 1, 2048, {&y, &n}); })},
        {"too many registers", CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "__launch_bounds__",
         with_output(128, [](CUdeviceptr y) { return launch("bounded", 1, 128, {&y}); })},
        {"empty grid", CUDA_ERROR_INVALID_VALUE, "grid", with_output(64, [](CUdeviceptr y) { int n = 64; return launch("write_all", 0, 64, {&y, &n}); })},
        {"correct warpgroup product", CUDA_SUCCESS, "", [] { return warpgroup_product(0); }},
        {"stage read before its barrier", CUDA_ERROR_ILLEGAL_ADDRESS, checked ? "read of shared memory" : "NaN",
         [] { return warpgroup_product(1, 2); }},
        {"wrong parity", kAnyFailure, "", [] { return warpgroup_product(2, 2); }},
        {"sums read before the wait", CUDA_ERROR_ILLEGAL_ADDRESS, "NaN", [] { return warpgroup_product(3, 2); }},
        {"stage freed before the wait", CUDA_ERROR_ILLEGAL_ADDRESS, "that an unfinished wgmma reads", [] { return warpgroup_product(4); }},
        {"stage filled without waiting", CUDA_ERROR_LAUNCH_FAILED, "more than the 1 arrivals of a phase", [] { return warpgroup_product(5); }},
        {"mbarrier not shown to copies", CUDA_ERROR_LAUNCH_FAILED, "fence.mbarrier_init", [] { return warpgroup_product(6); }},
        {"sums without wgmma.fence", CUDA_ERROR_LAUNCH_FAILED, "no wgmma.fence", [] { return warpgroup_product(7); }},
        {"too many bytes expected", CUDA_ERROR_LAUNCH_FAILED, "a phase that never completes", [] { return warpgroup_product(8); }},
        {"wgmma by three warps", CUDA_ERROR_LAUNCH_FAILED, "a phase that never completes", [] { return warpgroup_product(9); }},
        {"misaligned tile", CUDA_ERROR_MISALIGNED_ADDRESS, "not a multiple of 1024", [] { return warpgroup_product(10); }},
        {"copies left at the block's end", CUDA_ERROR_LAUNCH_FAILED, "has ended with a tensor copy under way",
         [] { return warpgroup_product(11, 2); }},
        {"tensor map of an unaligned matrix", CUDA_ERROR_INVALID_VALUE, "globalAddress",
         [] { Map map; return encode(map, floats(64 * 64) + 8, 64, 64); }},
        {"tensor map of odd rows", CUDA_ERROR_INVALID_VALUE, "globalStride", [] { Map map; return encode(map, floats(64 * 64), 64, 60); }},
        {"tensor map wider than the swizzle", CUDA_ERROR_INVALID_VALUE, "larger than the swizzle",
         [] { Map map; return encode(map, floats(64 * 64), 64, 128, 128); }},
        {"unknown kernel", CUDA_ERROR_NOT_FOUND, "no kernel is named", [] { return launch("no_such_kernel", 1, 1, {}); }},
        {"call after a fault", CUDA_ERROR_LAUNCH_FAILED, "barrier in divergent code",
         with_output(64, [](CUdeviceptr y) {
             launch("divergent_barrier", 1, 64, {&y});
             int n = 64;
             return launch("write_all", 1, 64, {&y, &n}); // the context is broken: the first failure comes back
         })},
    };
}

// Runs a case in a child process; true when it ended as expected.
bool run(const Case& c) {
    int err[2];
    if (pipe(err) != 0) {
        std::perror("pipe");
        return false;
    }
    const pid_t child = fork();
    if (child == 0) {
        dup2(err[1], 2);
        void* context = nullptr;
        cuInit(0);
        cuDevicePrimaryCtxRetain(&context, 0);
        cuCtxSetCurrent(context);
        cuModuleLoadData(&module, "// the image is not run");
        const CUresult status = c.body();
        const bool expected = c.expected == kAnyFailure ? status != CUDA_SUCCESS && status != CUDA_ERROR_UNKNOWN : status == c.expected;
        if (!expected) {
            std::fprintf(stderr, "status was %d\n", status);
        }
        _exit(expected ? 0 : 1);
    }
    close(err[1]);
    std::string said;
    char buffer[4096];
    for (ssize_t n; (n = read(err[0], buffer, sizeof buffer)) > 0;) {
        said.append(buffer, n);
    }
    close(err[0]);
    int status = 0;
    waitpid(child, &status, 0);
    const bool stopped = c.sanitizer && emulated::kSanitizerGuards;
    const bool right_status = WIFEXITED(status) && (WEXITSTATUS(status) == 0) != stopped;
    const bool right_words = said.find(stopped ? "AddressSanitizer" : c.words) != std::string::npos;
    std::printf("%-36s %s\n", c.name, right_status && right_words ? "caught as expected" : right_status ? "WRONG MESSAGE" : "WRONG STATUS");
    if (!right_status || !right_words) {
        std::printf("    expected status %d and \"%s\"; wait status %d; stderr was:\n%s", c.expected, c.words, status, said.c_str());
    }
    return right_status && right_words;
}

} // namespace

int main() {
    setenv("EMULATOR_COMPUTE_CAPABILITY", "9.0", 1); // the latest that is emulated has all instructions
    int failures = 0, skipped = 0;
    for (const Case& c : cases()) {
        if (c.only_checked && !emulated::kChecked && !(c.sanitizer && emulated::kSanitizerGuards)) {
            skipped++;
            continue;
        }
        failures += !run(c);
    }
    std::printf("%d of the planted mistakes went unnoticed; %d are visible to the checked build alone\n", failures, skipped);
    return failures == 0 ? 0 : 1;
}
