#include "context.h"

#include "convolution.h"
#include "processor.h"
#include "team.h"

namespace diffusionad {
namespace {

bool oneDnnUses(dnnl::cpu_isa isa) {
  const unsigned wanted = static_cast<unsigned>(isa);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & wanted) == wanted;
}

}  // namespace

void* Scratch::reserve(size_t bytes) {
  if (bytes > pages_.size()) {
    constexpr size_t kStep = size_t(2) << 20;
    pages_ = Pages();  // first, so that the old and the larger memory are never held together
    pages_ = Pages((bytes + kStep - 1) / kStep * kStep);
  }
  return pages_.address();
}

Context::Context(int threads, const std::string& instructionSet)
    : threads_(threads),
      loops_(operationsFor(instructionSet)),
      convolvesBfloat16_(oneDnnUses(dnnl::cpu_isa::avx512_core)),
      convolvesTiles_(oneDnnUses(dnnl::cpu_isa::avx512_core_amx)),
      convolvesInt8_(oneDnnUses(dnnl::cpu_isa::avx512_core_vnni)),
      engine_(dnnl::engine::kind::cpu, 0),
      stream_(engine_),
      convolutions_(std::make_unique<Convolutions>(*this)) {
  requireThreads(threads - 1);
}

Context::~Context() = default;

void Context::enter() const { useTeam(threads_); }

}  // namespace diffusionad
