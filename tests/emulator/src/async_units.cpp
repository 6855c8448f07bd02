#include "async_units.h"

namespace emulated {

void begin_async_units(int threads) {
    begin_mbarriers(threads);
    begin_copies();
    begin_products(threads);
}

bool advance_async_units() {
    const bool copies = can_advance_copies(), products = can_advance_products();
    if (!copies && !products) {
        return false;
    }
    if (copies && (!products || next_random() % 2 == 0)) {
        advance_copies();
    } else {
        advance_products();
    }
    return true;
}

const char* left_under_way() {
    return can_advance_copies() ? "a tensor copy" : products_under_way() ? "a wgmma that nobody waited for" : nullptr;
}

} // namespace emulated
