/**
 * Ground-truth masks: how their values are understood, once for a data set, and how they are brought to another size.
 */
package io.diffusionad.data.mask;
