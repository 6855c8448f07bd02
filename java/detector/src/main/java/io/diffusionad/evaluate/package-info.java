/** How good a detector is on a data set, and where its decision threshold lies. */
package io.diffusionad.evaluate;
