/** What decides what a detector computes, checked where it is made: wrong values are user errors in one sentence. */
package io.diffusionad.settings;
