/** Looks a data set over before anybody trains on it: what it holds, and which of its files do not fit. */
package io.diffusionad.data.check;
