/**
 * Pictures on the CPU, in 8 bits a channel: reading, resizing, colour spaces, heat maps, writing. Results equal those
 * of OpenCV and PIL, which the reference uses, bit for bit unless a method says otherwise. No class here depends on a
 * device.
 */
package io.diffusionad.image;
