#include "pages.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <new>

namespace diffusionad {

void* mapPages(size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  madvise(memory, bytes, MADV_HUGEPAGE);  // advice only: small pages work too
  return memory;
}

void unmapPages(void* memory, size_t bytes) {
  if (memory != nullptr) munmap(memory, bytes);
}

void discardPages(void* memory, size_t bytes) {
  const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(memory) + page - 1) / page * page;
  const uintptr_t end = (reinterpret_cast<uintptr_t>(memory) + bytes) / page * page;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);  // refused, they only stay resident
}

Pages::Pages(size_t bytes) : memory_(mapPages(bytes)), size_(bytes) {
  if (memory_ == nullptr) throw std::bad_alloc();
}

}  // namespace diffusionad
