#include "context.h"

#include <omp.h>
#include <sys/mman.h>

#include <new>

#include "convolution.h"
#include "processor.h"

namespace diffusionad {
namespace {

bool oneDnnUses(dnnl::cpu_isa isa) {
  const unsigned wanted = static_cast<unsigned>(isa);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & wanted) == wanted;
}

}  // namespace

Scratch::~Scratch() {
  if (memory_ != nullptr) munmap(memory_, size_);
}

void* Scratch::reserve(size_t bytes) {
  if (bytes <= size_) return memory_;
  constexpr size_t kStep = size_t(2) << 20;
  const size_t size = (bytes + kStep - 1) / kStep * kStep;
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  madvise(memory, size, MADV_HUGEPAGE);  // advice only: small pages work too
  if (memory_ != nullptr) munmap(memory_, size_);
  memory_ = memory;
  size_ = size;
  return memory_;
}

Context::Context(int threads, const std::string& instructionSet)
    : threads_(threads),
      loops_(operationsFor(instructionSet)),
      convolvesBfloat16_(oneDnnUses(dnnl::cpu_isa::avx512_core)),
      convolvesBfloat16Tiles_(oneDnnUses(dnnl::cpu_isa::avx512_core_amx)),
      convolvesInt8_(oneDnnUses(dnnl::cpu_isa::avx512_core_vnni)),
      engine_(dnnl::engine::kind::cpu, 0),
      stream_(engine_),
      convolutions_(std::make_unique<Convolutions>(*this)) {}

Context::~Context() = default;

void Context::enter() const { omp_set_num_threads(threads_); }

}  // namespace diffusionad
