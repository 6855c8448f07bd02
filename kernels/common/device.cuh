// The one header that kernels include.
#pragma once
#include "activations.cuh"
#include "async_copy.cuh"
#include "bfloat16.cuh"
#include "philox.cuh"
#include "platform.cuh"
#include "reductions.cuh"
#include "tensor_core.cuh"
#include "vectors.cuh"
