// Kernels by name. The build lists the kernels of every source file and emits one EMULATED_KERNEL line for each, after including the file.
#pragma once
#include "block.h"

#include <initializer_list>
#include <map>
#include <string>
#include <type_traits>
#include <utility>

namespace emulated {

std::map<std::string, Kernel>& kernels();

// Unpacks the parameters of a launch, each a pointer to its value, by the kernel's own signature.
template <auto Function> struct Invoker;
template <class... Parameters, void (*Function)(Parameters...)> struct Invoker<Function> {
    // Host code that lies in the kernels' translation unit: not to be judged as theirs.
    template <size_t... I> __attribute__((no_sanitize("thread"))) static void call(void* const* p, std::index_sequence<I...>) {
        Function(*static_cast<std::remove_const_t<Parameters>*>(p[I])...);
    }
    __attribute__((no_sanitize("thread"))) static void invoke(void* const* p) { call(p, std::index_sequence_for<Parameters...>()); }
    static std::vector<size_t> parameter_bytes() { return {sizeof(Parameters)...}; }
};

template <auto Function> bool register_kernel(const char* name, std::initializer_list<int> launch_bounds) {
    const int max_threads = launch_bounds.size() > 0 ? *launch_bounds.begin() : 1024;
    kernels().emplace(name, Kernel{name, &Invoker<Function>::invoke, Invoker<Function>::parameter_bytes(), max_threads});
    return true;
}

} // namespace emulated

#define EMULATED_KERNEL(name, ...) static const bool name##_registered = emulated::register_kernel<&name>(#name, {__VA_ARGS__})
