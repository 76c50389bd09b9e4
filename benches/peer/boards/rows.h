/* Rows of bytes, those of pixels that are on added four at a time: as firmware/c-api/plain adds them. */
#ifndef ROWS_H
#define ROWS_H

#include <stdint.h>

#include "peer.h"

static inline uint32_t add_odd(uint32_t sum, uint32_t word)
{
#if defined(__ARM_FEATURE_SIMD32)
    __asm__("uxtab16 %0, %0, %1, ror #8" : "+r"(sum) : "r"(word));
    return sum;
#else
    return sum + (word >> 8 & 0x00ff00ff);
#endif
}

static inline uint32_t pixels_of(const uint32_t *state, uint32_t word)
{
    const uint32_t bits = PIXELS - 32 * word;
    return bits < 32 ? state[word] & ((1u << bits) - 1) : state[word];
}

static inline uint32_t count_on(const uint32_t *state)
{
    uint32_t on = 0;
    for (uint32_t w = 0; 32 * w < PIXELS; w++) {
        for (uint32_t left = pixels_of(state, w); left; left &= left - 1) {
            on++;
        }
    }
    return on;
}

/* The four bytes of a word, each in a number: of the sum of words, and of their odd bytes. */
static inline void apart(uint32_t all, uint32_t odd, uint32_t *out)
{
    const uint32_t even = all - (odd << 8);
    out[0] = even & 0xffff;
    out[1] = odd & 0xffff;
    out[2] = even >> 16;
    out[3] = odd >> 16;
}

#endif
