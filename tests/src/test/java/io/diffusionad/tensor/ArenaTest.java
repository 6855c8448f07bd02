package io.diffusionad.tensor;

import io.diffusionad.plan.PlanningDevice;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class ArenaTest {
    private static final int MEBI = 1 << 20;

    @Test
    void reservedMemoryIsOneBlock() {
        try (Arena arena = new PlanningDevice().newArena("test")) {
            arena.reserve(100L * MEBI);
            assertEquals(100L * MEBI, arena.reserved());
            long mark = arena.mark();
            arena.float32(20 * MEBI);
            arena.release(mark);
            arena.float32(25 * MEBI);
            assertEquals(100L * MEBI, arena.reserved());
        }
    }

    @Test
    void anArenaWithBlocksReservesNothing() {
        try (Arena arena = new PlanningDevice().newArena("test")) {
            arena.float32(1);
            long before = arena.reserved();
            arena.reserve(500L * MEBI);
            assertEquals(before, arena.reserved());
        }
    }

    @Test
    void aClosedArenaRefuses() {
        Arena arena = new PlanningDevice().newArena("test");
        arena.close();
        assertThrows(IllegalStateException.class, () -> arena.reserve(MEBI));
    }
}
