/* What is counted on a board: a method that tells digits apart. */
#ifndef PEER_H
#define PEER_H

#include <stdint.h>

#define PIXELS 196u

/* Before anything else. */
void prepare(void);

/* Takes a digit, its pixels packed, into the form that the method wants; not counted. */
void show(const uint32_t *state);

/* The class of the digit that was shown. */
uint32_t classify(void);

#endif
