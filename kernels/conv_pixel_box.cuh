// Boxes of output pixels, as the copy engine loads them: 2^W x 2^H x 2^N in width, height and samples, taken first along a row, then down the image,
// then through the batch.
#pragma once
#include "common/device.cuh"

struct PixelBox {
    int32_t q, p, n; // the box's first pixel

    // `Arguments` has the output's size as n, p, q; `width`, `height` and `samples` are base-2 logarithms.
    template <class Arguments> DEVICE void seek(const Arguments& a, int32_t box, int32_t width, int32_t height, int32_t samples) {
        const int32_t across = ((a.q - 1) >> width) + 1, down = ((a.p - 1) >> height) + 1;
        q = box % across << width;
        p = box / across % down << height;
        n = box / across / down << samples;
    }

    template <class Arguments> DEVICE void advance(const Arguments& a, int32_t width, int32_t height, int32_t samples) {
        q += 1 << width;
        if (q >= a.q) {
            q = 0;
            p += 1 << height;
            if (p >= a.p) {
                p = 0;
                n += 1 << samples;
            }
        }
    }
};
